package worker

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// errNoSubscription is what an asynq server is told that wants to subscribe.
var errNoSubscription = errors.New("muster cancels runs, not single tasks: nothing to subscribe to")

// noSubscription stands for the subscription with which each asynq server listens for the
// cancellation of single tasks. muster never asks for one, and the subscription would
// cost a connection a server. asynq tries again and again to subscribe, so that the first
// try ends only when the server stops.
func noSubscription(stopping <-chan struct{}) *redis.PubSub {
	<-stopping
	c := redis.NewClient(&redis.Options{
		Dialer:        func(context.Context, string, string) (net.Conn, error) { return nil, errNoSubscription },
		DialerRetries: 1,
		// Their goroutine would outlive the client, which nobody closes.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	return c.Subscribe(context.Background())
}

// aboutSubscription says whether a message of asynq is about a subscription that was not
// made.
func aboutSubscription(message string) bool {
	return strings.Contains(message, errNoSubscription.Error())
}
