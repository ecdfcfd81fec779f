package git

import (
	"context"
	"errors"
	"fmt"
)

// reading is a folder that is read, or was.
type reading struct {
	done   chan struct{} // closed once there is a folder, or an error
	folder *folder
	err    error
}

const (
	// mostAhead is how many folders that lie beside one another are read at once: git answers in the time of
	// some, and each is some hundred bytes.
	mostAhead = 256
	// patienceAhead is how many folders in a row are read alone before those beside them are: whoever looks for one
	// thing reads nothing else.
	patienceAhead = 2
	// mostRecent is how many small folders are remembered, once or twice as many: enough for several who
	// go through a fleet side by side.
	mostRecent = 1024
	// largeFolder is from how many bytes on a folder is remembered for good. There are few, and what lies in them is
	// looked for again and again.
	largeFolder = 16 << 10
	// mostTrees bounds the bytes of the folders that are read at once.
	mostTrees = 1 << 30
)

// read is what is in the folder that an entry names. It is read again where it was forgotten.
func (t *Tree) read(ctx context.Context, e Entry) (*folder, error) {
	for {
		r, mine := t.claim(e)
		if len(mine) > 0 {
			t.fetch(ctx, mine)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if r.err == nil || !isContext(r.err) || ctx.Err() != nil {
			return r.folder, r.err
		}
		// Somebody else had no time to see it through.
	}
}

func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// claimed is a folder that whoever has claimed it reads.
type claimed struct {
	id string
	*reading
}

// claim is the reading of a folder, and those that the caller has to see through: with it some of the folders beside it,
// where more of them were asked for.
func (t *Tree) claim(e Entry) (r *reading, mine []claimed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.known(e.id); r != nil {
		return r, nil
	}
	if e.in == nil || e.in.asked.Add(1) <= patienceAhead {
		mine = t.begin(mine, e.id)
		return mine[0].reading, mine
	}
	from := int(e.at) / mostAhead * mostAhead
	for i := from; i < min(from+mostAhead, e.in.Len()); i++ {
		if beside := e.in.At(i); beside.Mode == Folder && t.known(beside.id) == nil {
			mine = t.begin(mine, beside.id)
		}
	}
	return t.known(e.id), mine
}

// known is the reading of a folder that is remembered. mu must be held.
func (t *Tree) known(id string) *reading {
	if r := t.large[id]; r != nil {
		return r
	}
	if r := t.recent[id]; r != nil {
		return r
	}
	r := t.older[id]
	if r != nil {
		t.remember(id, r)
	}
	return r
}

// begin claims a folder. mu must be held.
func (t *Tree) begin(mine []claimed, id string) []claimed {
	r := &reading{done: make(chan struct{})}
	t.remember(id, r)
	return append(mine, claimed{id, r})
}

// remember keeps a reading among the last ones. mu must be held.
func (t *Tree) remember(id string, r *reading) {
	if len(t.recent) >= mostRecent {
		t.older, t.recent = t.recent, make(map[string]*reading, mostRecent)
	}
	t.recent[id] = r
}

// fetch sees readings through. Where they cannot be had together each is read alone.
func (t *Tree) fetch(ctx context.Context, mine []claimed) {
	names := make([]string, len(mine))
	for i, c := range mine {
		names[i] = Entry{id: c.id}.Object()
	}
	trees, err := t.objects.read(ctx, treeObject, names, mostTrees)
	for i, c := range mine {
		switch {
		case err == nil:
			c.folder, c.err = folderOf(names[i], trees[i].Data, len(c.id))
		case len(mine) == 1 || isContext(err):
			c.err = err
		default:
			var alone []byte
			if alone, c.err = t.objects.one(ctx, treeObject, names[i]); c.err == nil {
				c.folder, c.err = folderOf(names[i], alone, len(c.id))
			}
		}
	}
	t.settle(mine)
	for _, c := range mine {
		close(c.done)
	}
}

func folderOf(name string, raw []byte, size int) (*folder, error) {
	if raw == nil {
		return nil, fmt.Errorf("read tree %.12s: it has more than %d MiB with those beside it", name, mostTrees>>20)
	}
	f, err := parseFolder(string(raw), size)
	if err != nil {
		return nil, fmt.Errorf("read tree %.12s: %w", name, err)
	}
	return f, nil
}

// settle remembers large folders for good, and forgets what could not be read.
func (t *Tree) settle(mine []claimed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range mine {
		switch {
		case c.err != nil:
			for _, some := range []map[string]*reading{t.recent, t.older} {
				if some[c.id] == c.reading {
					delete(some, c.id)
				}
			}
		case len(c.folder.raw) >= largeFolder:
			t.large[c.id] = c.reading
			delete(t.recent, c.id)
		}
	}
}
