package git

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Objects reads objects of a repository with one git for all of them, which starts with the first.
// It is safe for concurrent use: what several ask for is on its way at once.
type Objects struct {
	ctx context.Context
	dir string

	mu     sync.Mutex
	reader *reader // nil before the first object, and after a git that has ended
	old    bool    // git knows no --batch-command, which has come with 2.36
	closed bool
}

// Blob is an object's bytes.
type Blob struct {
	Size int64
	Data []byte // nil where the object was too large to be kept
}

// OpenObjects reads the objects of the repository around a folder. After ctx has ended nothing is read any
// more. The caller must call Close.
func OpenObjects(ctx context.Context, dir string) *Objects { return &Objects{ctx: ctx, dir: dir} }

// MissingError says that an object is not in the repository.
type MissingError struct{ Object string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("object %s is not in this clone: run `git fsck`, and fetch what is missing", e.Object)
}

// The types of objects.
const (
	blobObject   = "blob"
	treeObject   = "tree"
	commitObject = "commit"
)

// typeError says that an object is none of the type that something else in the repository says.
type typeError struct{ object, is, want string }

func (e *typeError) Error() string {
	return fmt.Sprintf("object %s is a %s, and no %s: run `git fsck`", e.object, e.is, e.want)
}

// Read reads blobs in their order. At most limit bytes of an object are kept, and nothing of those behind the first
// with which they have more than that together. It returns before git has answered when ctx ends.
func (o *Objects) Read(ctx context.Context, objects []string, limit int64) (blobs []Blob, err error) {
	return o.read(ctx, blobObject, objects, limit)
}

// read is Read for objects of a type.
func (o *Objects) read(ctx context.Context, kind string, objects []string, limit int64) (blobs []Blob, err error) {
	for _, name := range objects {
		if !IsObject(name) {
			return nil, fmt.Errorf("%q is no object of git's", name)
		}
	}
	if len(objects) == 0 {
		return nil, ctx.Err()
	}
	const tries = 3 // a git may know no --batch-command, and may be ended by a signal that this process gets, too
	for range tries {
		q := &query{kind: kind, objects: objects, limit: limit, answered: make(chan struct{})}
		if err := o.ask(q); err != nil {
			return nil, err
		}
		select {
		case <-q.answered:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if blobs, err = q.blobs, q.err; !errors.Is(err, errEnded) {
			return blobs, err
		}
	}
	return nil, err
}

// MostBlob is how many bytes an object may have that Blob reads.
const MostBlob = 64 << 20

// Blob is an object's bytes.
func (o *Objects) Blob(ctx context.Context, object string) ([]byte, error) {
	return o.one(ctx, blobObject, object)
}

// one is the bytes of an object of a type.
func (o *Objects) one(ctx context.Context, kind, object string) ([]byte, error) {
	blobs, err := o.read(ctx, kind, []string{object}, MostBlob)
	switch {
	case err != nil:
		return nil, err
	case blobs[0].Data == nil:
		return nil, fmt.Errorf("it has more than %d MiB", MostBlob>>20)
	}
	return blobs[0].Data, nil
}

// errEnded: git has ended without an answer.
var errEnded = errors.New("git has ended")

// query is what is asked for together.
type query struct {
	kind     string
	objects  []string
	limit    int64
	blobs    []Blob
	err      error
	answered chan struct{} // closed when there are blobs, or an error
}

// ask hands a query to a git that runs.
func (o *Objects) ask(q *query) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
		return errors.New("the repository is closed")
	case o.ctx.Err() != nil:
		return o.ctx.Err()
	}
	if o.reader != nil && o.reader.hasEnded() {
		o.old = o.old || o.reader.tooOld()
		o.reader.close() // whoever has asked was told why
		o.reader = nil
	}
	if o.reader == nil {
		r, err := startReader(o.ctx, o.dir, o.old)
		if err != nil {
			return failed(o.ctx, "cat-file", "", err)
		}
		o.reader = r
	}
	o.reader.ask(q)
	return nil
}

// Close ends git, the first time. Nobody may read any more.
func (o *Objects) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.reader
	if o.closed, o.reader = true, nil; r == nil {
		return nil
	}
	return r.close()
}

// reader is a git that runs. Whoever starts one must call close.
type reader struct {
	stop    context.CancelFunc
	process *exec.Cmd
	in      *bufio.Writer
	pipe    io.Closer
	flush   bool // git writes when it is told to
	said    head
	queries chan *query   // under way, in the order in which git answers
	ended   chan struct{} // closed once git has ended
	done    chan struct{} // closed once every query has an answer
	err     error         // with which git has ended, after done
}

// mostUnderWay is how many queries wait for git at most.
const mostUnderWay = 256

func startReader(ctx context.Context, dir string, old bool) (*reader, error) {
	ctx, stop := context.WithCancel(ctx)
	args := []string{"cat-file", "--batch-command", "--buffer"}
	if old {
		args = []string{"cat-file", "--batch"}
	}
	r := &reader{stop: stop, process: Command(ctx, dir, args...), flush: !old, queries: make(chan *query, mostUnderWay), ended: make(chan struct{}), done: make(chan struct{})}
	r.process.Env = append(r.process.Env, noReplacements)
	r.process.Stderr = &r.said
	in, err := r.process.StdinPipe()
	if err == nil {
		var out io.Reader
		if out, err = r.process.StdoutPipe(); err == nil {
			r.in, r.pipe = bufio.NewWriter(in), in
			if err = r.process.Start(); err == nil {
				go r.answer(bufio.NewReaderSize(out, 64<<10))
				return r, nil
			}
		}
	}
	stop()
	return nil, err
}

// noReplacements lets an object's name stand for its own bytes, and not for those of one that a
// ref puts in its place.
const noReplacements = "GIT_NO_REPLACE_OBJECTS=1"

// ask writes a query. Only one may write at a time.
func (r *reader) ask(q *query) {
	r.queries <- q
	for _, name := range q.objects {
		if r.flush {
			r.in.WriteString("contents ")
		}
		r.in.WriteString(name)
		r.in.WriteByte('\n')
	}
	if r.flush {
		r.in.WriteString("flush\n")
	}
	r.in.Flush() // where git has ended, whoever reads its answers says so
}

// answer reads what git answers, to one query after the other, and then waits for its end.
func (r *reader) answer(out *bufio.Reader) {
	defer close(r.done)
	for q := range r.queries {
		if r.hasEnded() {
			q.err = fmt.Errorf("read objects with git: %w: %w", errEnded, r.err) // for what another one has asked
			close(q.answered)
			continue
		}
		q.blobs, q.err = q.read(out)
		if q.err != nil && !isAnswer(q.err) {
			r.err = r.end(q.err)
			q.err = r.err
		}
		close(q.answered)
	}
	if !r.hasEnded() {
		r.err = r.end(nil)
	}
}

// isAnswer says of an error that git goes on.
func isAnswer(err error) bool {
	missing, other := (*MissingError)(nil), (*typeError)(nil)
	return errors.As(err, &missing) || errors.As(err, &other)
}

// end ends git, and says why nothing is read any more: as errEnded what another git may do better.
func (r *reader) end(cause error) error {
	defer close(r.ended)
	r.pipe.Close()
	if cause != nil {
		r.stop()
	}
	err := r.process.Wait()
	switch said := strings.TrimSpace(r.said.String()); {
	case cause == nil:
		return err
	case r.tooOld():
		return errEnded
	case said != "":
		return &Error{"cat-file", said, err}
	}
	return fmt.Errorf("read objects with git: %w: %w", errEnded, cause)
}

func (r *reader) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// tooOld says of a git that has ended that it is one of before --batch-command.
func (r *reader) tooOld() bool { return strings.Contains(r.said.String(), "batch-command") }

// patience is how long git may take to end when nothing is asked of it any more.
const patience = time.Second

// close ends git where it has not ended. Nobody may ask any more.
func (r *reader) close() error {
	defer r.stop()
	close(r.queries)
	late := time.AfterFunc(patience, r.stop)
	defer late.Stop()
	<-r.done
	return r.err
}

// read reads the answer to a query. An object that is not there is a
// *MissingError, and one of another type a *typeError, once all is read.
func (q *query) read(out *bufio.Reader) (blobs []Blob, err error) {
	blobs = make([]Blob, len(q.objects))
	var wrong error
	room := q.limit
	for i, name := range q.objects {
		kind, size, err := about(out, name)
		switch absent := (*MissingError)(nil); {
		case errors.As(err, &absent):
			wrong = cmp.Or(wrong, err)
			continue
		case err != nil:
			return nil, err
		case kind != q.kind:
			wrong = cmp.Or(wrong, error(&typeError{name, kind, q.kind}))
		}
		b := Blob{Size: size}
		if size > q.limit || room < 0 || wrong != nil {
			_, err = io.CopyN(io.Discard, out, size)
		} else {
			b.Data = make([]byte, size)
			_, err = io.ReadFull(out, b.Data)
		}
		room -= size
		blobs[i] = b
		if err == nil {
			_, err = out.Discard(len("\n"))
		}
		if err != nil {
			return nil, err
		}
	}
	return blobs, wrong
}

// about reads the line that stands before an object's bytes: its name, its type and its size.
func about(out *bufio.Reader, name string) (kind string, size int64, err error) {
	line, err := out.ReadSlice('\n')
	if err != nil {
		return "", 0, err
	}
	own, rest, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
	word, number, sized := bytes.Cut(rest, []byte(" "))
	switch {
	case string(own) == name && string(rest) == "missing":
		return "", 0, &MissingError{name}
	case string(own) != name || !sized:
		return "", 0, fmt.Errorf("read object %s: git says %q", name, bytes.TrimSpace(line))
	}
	size, err = strconv.ParseInt(string(number), 10, 64)
	return kindOf(word), size, err
}

// kindOf is the word for a type.
func kindOf(word []byte) string {
	for _, kind := range []string{blobObject, treeObject, commitObject} {
		if string(word) == kind {
			return kind
		}
	}
	return string(word)
}

// head keeps the beginning of what is written to it.
type head struct {
	mu   sync.Mutex
	text []byte
}

// mostSaid is how much of what git says is kept.
const mostSaid = 4 << 10

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text = append(h.text, p[:min(len(p), mostSaid-len(h.text))]...)
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.text)
}
