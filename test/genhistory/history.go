package genhistory

import (
	"fmt"
	"maps"
	"slices"
)

// Commit is one commit of a history.
type Commit struct {
	ID      string   `json:"id"`
	Parents []string `json:"parents"` // the first is the state that the edit is of
	Edit
	// Tree are its files.
	Tree Tree `json:"-"`

	parents []int // in the history
}

// History is a repository's commits, each after its parents. The last one is the branch's.
type History []Commit

// lineage draws a history.
type lineage struct {
	*Repository
	history History
	due     []Class // classes that have not had a commit, in the order in which they get one
}

// Draw draws a history of so many commits, which have no names: an edit of each class first, and
// then of any. Too few commits leave classes out.
func Draw(o Options, commits int) (History, error) {
	if commits < 1 {
		return nil, fmt.Errorf("a history of %d commits: need at least 1", commits)
	}
	r, err := New(o)
	if err != nil {
		return nil, err
	}
	l := &lineage{Repository: r}
	l.add(r.dialect.told(Start, "a repository", nil, r.tree))
	all := append(Classes(o.Dialect), Empty, Merge, Revert)
	for _, i := range r.Perm(len(all)) {
		l.due = append(l.due, all[i])
	}
	for len(l.history) < commits {
		l.step(commits - len(l.history))
	}
	return l.history, nil
}

func (l *lineage) add(e Edit, parents ...int) {
	l.history = append(l.history, Commit{Edit: e, Tree: l.tree, parents: parents})
}

// head is the last commit.
func (l *lineage) head() int { return len(l.history) - 1 }

// step adds a commit, or the few of a line that is merged, if there is room for these.
func (l *lineage) step(room int) {
	if l.pending != nil {
		l.add(l.Edit(), l.head())
		return
	}
	for i, c := range l.due {
		if l.commit(c, room) {
			l.due = slices.Delete(l.due, i, i+1)
			return
		}
	}
	for _, c := range []Class{Merge, Revert, Empty} {
		if l.IntN(12) == 0 && l.commit(c, room) {
			return
		}
	}
	l.add(l.Edit(), l.head())
}

// commit adds an edit of a class. It is false if there is nothing to make it of.
func (l *lineage) commit(c Class, room int) bool {
	switch c {
	case Empty:
		l.add(Edit{Class: Empty, Detail: "nothing"}, l.head())
		return true
	case Merge:
		return room >= 3 && l.merge()
	case Revert:
		return l.revert()
	}
	e, ok := l.Apply(c)
	if ok {
		l.add(e, l.head())
	}
	return ok
}

// merge adds two commits on an earlier one, and the merge of the second with the last commit, which
// prevails where both have changed a file.
func (l *lineage) merge() bool {
	ours, fork := l.head(), l.head()
	for range 1 + l.IntN(4) {
		if len(l.history[fork].parents) > 0 {
			fork = l.history[fork].parents[0]
		}
	}
	base, tree := l.history[fork].Tree, l.tree
	if fork == ours || l.broken(base) {
		return false
	}
	l.tree = base
	for parent, i := fork, 0; i < 2; parent, i = l.head(), i+1 {
		l.add(l.Repository.Edit(), parent)
	}
	theirs := l.tree
	l.pending, l.tree = nil, maps.Clone(tree)
	l.replace(base, theirs)
	e := l.dialect.told(Merge, fmt.Sprintf("of a line that began at commit %d", fork+1), tree, l.tree)
	l.add(e, ours, l.head())
	l.settle()
	return true
}

// revert takes back one of the last commits that were no merges, as far as nothing was built on it.
func (l *lineage) revert() bool {
	at := l.head() - l.IntN(min(8, len(l.history)))
	parents := l.history[at].parents
	if len(parents) != 1 {
		return false
	}
	before := l.tree
	l.tree = maps.Clone(before)
	l.replace(l.history[at].Tree, l.history[parents[0]].Tree)
	e := l.dialect.told(Revert, fmt.Sprintf("of commit %d, %s", at+1, l.history[at].Class), before, l.tree)
	if len(e.Units)+len(e.Shared) == 0 || l.broken(l.tree) {
		l.tree = before
		return false
	}
	l.remember(before)
	l.add(e, l.head())
	return true
}

// replace makes of what is as in one tree what it is in another.
func (l *lineage) replace(from, to Tree) {
	for _, p := range from.differs(to) {
		was, there := from[p]
		if is, still := l.tree[p]; there != still || was != is {
			continue
		}
		if f, comes := to[p]; !comes {
			delete(l.tree, p)
		} else if !l.obstructed(p) {
			l.tree[p] = f
		}
	}
}

// obstructed says that a file cannot lie at a path, for there is a folder, or a file where it needs
// a folder.
func (l *lineage) obstructed(p string) bool {
	if files := l.tree.under(p); len(files) > 0 && files[0] != p {
		return true
	}
	for i, c := range p {
		if _, there := l.tree[p[:i]]; c == '/' && there {
			return true
		}
	}
	return false
}

// broken says that a tree has what ends each run.
func (l *lineage) broken(t Tree) bool {
	return slices.ContainsFunc(l.edits, func(e edit) bool { return e.breaks && e.toggle.on(t) })
}

// settle lets the next edit mend what a merge has brought that ends each run.
func (l *lineage) settle() {
	for _, e := range l.edits {
		if e.breaks && e.toggle.on(l.tree) {
			l.pending = &e
		}
	}
}
