package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
)

type seen struct {
	Body           string            `json:"body"`
	Tags           string            `json:"tags"`
	Keys           string            `json:"keys"`
	MsgID          string            `json:"msgId"`
	QueueID        int               `json:"queueId"`
	QueueOffset    int64             `json:"queueOffset"`
	ReconsumeTimes int32             `json:"reconsumeTimes"`
	Properties     map[string]string `json:"properties"`
}

type event struct {
	Consumer string `json:"consumer"`
	Message  seen   `json:"message"`
}

var (
	consumers     sync.Map
	consumerNames int
	naming        sync.Mutex
)

// consume: {nameServer, group, topic, expression, sql, orderly, failures} answers the consumer's name
func consume(raw json.RawMessage) (any, error) {
	asked, err := decoded[struct {
		NameServer string `json:"nameServer"`
		Group      string `json:"group"`
		Topic      string `json:"topic"`
		Expression string `json:"expression"`
		SQL        bool   `json:"sql"`
		Orderly    bool   `json:"orderly"`
		Failures   int32  `json:"failures"`
	}](raw)
	if err != nil {
		return nil, err
	}
	naming.Lock()
	consumerNames++
	name := fmt.Sprintf("consumer-%d", consumerNames)
	naming.Unlock()
	started, err := rocketmq.NewPushConsumer(
		consumer.WithNsResolver(primitive.NewPassthroughResolver([]string{asked.NameServer})),
		consumer.WithGroupName(asked.Group),
		consumer.WithInstance(instance()),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
		consumer.WithConsumerOrder(asked.Orderly),
	)
	if err != nil {
		return nil, err
	}
	kind := consumer.TAG
	if asked.SQL {
		kind = consumer.SQL92
	}
	selector := consumer.MessageSelector{Type: kind, Expression: asked.Expression}
	err = started.Subscribe(asked.Topic, selector, func(ctx context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
		for _, message := range messages {
			say(event{Consumer: name, Message: seen{
				Body: text(message.Body), Tags: message.GetTags(), Keys: message.GetKeys(), MsgID: message.MsgId,
				QueueID: message.Queue.QueueId, QueueOffset: message.QueueOffset,
				ReconsumeTimes: message.ReconsumeTimes, Properties: message.GetProperties(),
			}})
			if message.ReconsumeTimes < asked.Failures {
				if concurrent, ok := primitive.GetConcurrentlyCtx(ctx); ok {
					concurrent.DelayLevelWhenNextConsume = 1
				}
				return consumer.ConsumeRetryLater, nil
			}
		}
		return consumer.ConsumeSuccess, nil
	})
	if err != nil {
		return nil, err
	}
	if err := started.Start(); err != nil {
		return nil, err
	}
	consumers.Store(name, started)
	return name, nil
}

// stop: {consumer}
func stop(raw json.RawMessage) (any, error) {
	asked, err := decoded[struct {
		Consumer string `json:"consumer"`
	}](raw)
	if err != nil {
		return nil, err
	}
	found, ok := consumers.LoadAndDelete(asked.Consumer)
	if !ok {
		return nil, fmt.Errorf("no consumer %s", asked.Consumer)
	}
	return nil, found.(rocketmq.PushConsumer).Shutdown()
}
