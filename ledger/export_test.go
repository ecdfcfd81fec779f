package ledger

import "context"

// Beginning is what one call of Begin asks.
type Beginning struct {
	Run, Unit, Digest string
	Attempt              int
	Delivery             string
	Want                 []string
}

// BeginAll is the call that several calls of Begin share, in the order given.
func (l *Ledger) BeginAll(ctx context.Context, all []Beginning) ([]Leave, error) {
	questions := make([]beginRequest, len(all))
	for i, b := range all {
		questions[i] = beginRequest{b.Run, b.Unit, b.Digest, b.Attempt, b.Delivery, b.Want}
	}
	answers, err := l.beginAll(ctx, questions)
	leaves := make([]Leave, len(answers))
	for i, a := range answers {
		if err == nil {
			err = a.err
		}
		leaves[i] = a.leave
	}
	return leaves, err
}
