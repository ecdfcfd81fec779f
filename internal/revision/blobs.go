package revision

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// blobs reads objects with one git, which starts with the first of them. It is safe for
// concurrent use.
type blobs struct {
	ctx context.Context
	dir string

	mu      sync.Mutex
	process *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Reader
	broken  error
}

func newBlobs(ctx context.Context, dir string) *blobs { return &blobs{ctx: ctx, dir: dir} }

func (b *blobs) start() (err error) {
	p := git(b.ctx, b.dir, "cat-file", "--batch")
	if b.ask, err = p.StdinPipe(); err != nil {
		return err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	b.process, b.answers = p, bufio.NewReader(out)
	return nil
}

// read is the text of an object.
func (b *blobs) read(object string) ([]byte, error) {
	if !hash.MatchString(object) {
		return nil, fmt.Errorf("%q is no object of git's", object)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken == nil && b.process == nil {
		b.broken = b.start()
	}
	if b.broken != nil {
		return nil, b.broken
	}
	data, err := b.exchange(object)
	if err != nil && !errors.Is(err, errTooLarge) {
		b.broken = fmt.Errorf("read object %s with git: %w", object, err)
		return nil, b.broken
	}
	return data, err
}

var errTooLarge = fmt.Errorf("it has more than %d MiB", MostBlob>>20)

func (b *blobs) exchange(object string) ([]byte, error) {
	if _, err := io.WriteString(b.ask, object+"\n"); err != nil {
		return nil, err
	}
	head, err := b.answers.ReadString('\n')
	if err != nil {
		return nil, err
	}
	words := strings.Fields(head)
	if len(words) != 3 {
		return nil, errors.New(strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil {
		return nil, err
	}
	if size > MostBlob {
		_, err := io.CopyN(io.Discard, b.answers, size+1)
		return nil, errors.Join(errTooLarge, err)
	}
	data := make([]byte, size+1) // and a line break
	if _, err := io.ReadFull(b.answers, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

func (b *blobs) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process == nil {
		return nil
	}
	b.ask.Close()
	err := b.process.Wait()
	b.process, b.broken = nil, errors.New("the tree is closed")
	return err
}
