package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

type outgoing struct {
	Topic       string            `json:"topic"`
	Body        string            `json:"body"`
	Tags        string            `json:"tags"`
	Keys        []string          `json:"keys"`
	ShardingKey string            `json:"shardingKey"`
	DelayLevel  int               `json:"delayLevel"`
	Properties  map[string]string `json:"properties"`
	// commit, rollback, or unknown and then what the check says
	Outcome string `json:"outcome"`
}

type sent struct {
	Status      string `json:"status"`
	MsgID       string `json:"msgId"`
	QueueID     int    `json:"queueId"`
	QueueOffset int64  `json:"queueOffset"`
}

func (one outgoing) message() *primitive.Message {
	message := primitive.NewMessage(one.Topic, []byte(one.Body))
	if one.Tags != "" {
		message.WithTag(one.Tags)
	}
	if len(one.Keys) > 0 {
		message.WithKeys(one.Keys)
	}
	if one.ShardingKey != "" {
		message.WithShardingKey(one.ShardingKey)
	}
	if one.DelayLevel > 0 {
		message.WithDelayTimeLevel(one.DelayLevel)
	}
	for name, value := range one.Properties {
		message.WithProperty(name, value)
	}
	return message
}

func sentOf(result *primitive.SendResult) sent {
	status := "OTHER"
	if result.Status == primitive.SendOK {
		status = "SEND_OK"
	}
	return sent{Status: status, MsgID: result.MsgID, QueueID: result.MessageQueue.QueueId, QueueOffset: result.QueueOffset}
}

var instances atomic.Int64

func instance() string { return fmt.Sprintf("instance-%d", instances.Add(1)) }

// send: {nameServer, messages, batch, byKey}
func send(raw json.RawMessage) (any, error) {
	asked, err := decoded[struct {
		NameServer string     `json:"nameServer"`
		Messages   []outgoing `json:"messages"`
		Batch      bool       `json:"batch"`
		ByKey      bool       `json:"byKey"`
	}](raw)
	if err != nil {
		return nil, err
	}
	options := []producer.Option{
		producer.WithNsResolver(primitive.NewPassthroughResolver([]string{asked.NameServer})),
		producer.WithGroupName("go-producer"),
		producer.WithInstanceName(instance()),
		producer.WithRetry(2),
	}
	if asked.ByKey {
		options = append(options, producer.WithQueueSelector(producer.NewHashQueueSelector()))
	}
	sender, err := rocketmq.NewProducer(options...)
	if err != nil {
		return nil, err
	}
	if err := sender.Start(); err != nil {
		return nil, err
	}
	defer sender.Shutdown()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	messages := make([]*primitive.Message, 0, len(asked.Messages))
	for _, one := range asked.Messages {
		messages = append(messages, one.message())
	}
	results := []sent{}
	if asked.Batch {
		result, err := sender.SendSync(ctx, messages...)
		if err != nil {
			return nil, err
		}
		return append(results, sentOf(result)), nil
	}
	for _, message := range messages {
		result, err := sender.SendSync(ctx, message)
		if err != nil {
			return nil, err
		}
		results = append(results, sentOf(result))
	}
	return results, nil
}

var states = map[string]primitive.LocalTransactionState{
	"commit":   primitive.CommitMessageState,
	"rollback": primitive.RollbackMessageState,
	"unknown":  primitive.UnknowState,
}

type outcomes struct{}

func (outcomes) ExecuteLocalTransaction(message *primitive.Message) primitive.LocalTransactionState {
	return states[message.GetProperty("first")]
}

func (outcomes) CheckLocalTransaction(message *primitive.MessageExt) primitive.LocalTransactionState {
	return states[message.GetProperty("checked")]
}

// transaction: {nameServer, group, messages, waitMs}. Each message's properties `first` and `checked` say how it ends.
func sendInTransaction(raw json.RawMessage) (any, error) {
	asked, err := decoded[struct {
		NameServer string     `json:"nameServer"`
		Group      string     `json:"group"`
		Messages   []outgoing `json:"messages"`
		WaitMs     int        `json:"waitMs"`
	}](raw)
	if err != nil {
		return nil, err
	}
	sender, err := rocketmq.NewTransactionProducer(
		outcomes{},
		producer.WithNsResolver(primitive.NewPassthroughResolver([]string{asked.NameServer})),
		producer.WithGroupName(asked.Group),
		producer.WithInstanceName(instance()),
	)
	if err != nil {
		return nil, err
	}
	if err := sender.Start(); err != nil {
		return nil, err
	}
	results := []sent{}
	for _, one := range asked.Messages {
		result, err := sender.SendMessageInTransaction(context.Background(), one.message())
		if err != nil {
			return nil, err
		}
		results = append(results, sentOf(result.SendResult))
	}
	// Its checks are answered for as long as it lives.
	time.AfterFunc(time.Duration(asked.WaitMs)*time.Millisecond, func() { _ = sender.Shutdown() })
	return results, nil
}
