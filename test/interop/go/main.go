// A process with Apache's Go client in it, driven by lines of JSON: {"id", "call", "arguments"} in, {"id", "result" or
// "error"} out, and {"consumer", "message"} for whatever a consumer gets.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/apache/rocketmq-client-go/v2/rlog"
)

type request struct {
	ID        int             `json:"id"`
	Call      string          `json:"call"`
	Arguments json.RawMessage `json:"arguments"`
}

type answer struct {
	ID     int    `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

var out sync.Mutex

func say(what any) {
	out.Lock()
	defer out.Unlock()
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func decoded[T any](raw json.RawMessage) (T, error) {
	var value T
	err := json.Unmarshal(raw, &value)
	return value, err
}

func text(body []byte) string { return base64.StdEncoding.EncodeToString(body) }

var calls = map[string]func(json.RawMessage) (any, error){
	"send":        send,
	"transaction": sendInTransaction,
	"consume":     consume,
	"stop":        stop,
}

func main() {
	rlog.SetLogLevel("fatal")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16*1024*1024)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		go func() {
			call, known := calls[asked.Call]
			if !known {
				say(answer{ID: asked.ID, Error: "no call " + asked.Call})
				return
			}
			result, err := call(asked.Arguments)
			if err != nil {
				say(answer{ID: asked.ID, Error: err.Error()})
				return
			}
			say(answer{ID: asked.ID, Result: result})
		}()
	}
}
