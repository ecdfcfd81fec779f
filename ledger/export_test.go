package ledger

import "context"

// BeginAll is the call that several calls of Begin share, in the order given.
func (l *Ledger) BeginAll(ctx context.Context, all []BeginRequest) ([]Answer, error) {
	grants, err := l.begin(ctx, all)
	words := make([]Answer, len(grants))
	for i, g := range grants {
		if err == nil {
			err = g.err
		}
		words[i] = g.Answer
	}
	return words, err
}
