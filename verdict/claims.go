package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Claims are most of a verdict, and one enqueuer reads those of the whole fleet. They
// travel as one list of strings, and what recurs is left out. A claim is a mark, followed
// by the strings that the mark announces, in this order:
//
//	jN  its N joins; left out: those of the claim before
//	f   its file; left out: that of the claim before
//	rN  its N regions; left out: those of the decision
//	p   its path; left out: none
//
// and then its key. A mark is "LINE COLUMN ANNOUNCED ROLE", such as "51 9 j3p needs".

// pack makes the wire form of claims. Most come as SortClaims has sorted them, so that
// what recurs stands side by side.
func pack(claims []Claim, regions []string) []string {
	if len(claims) == 0 {
		return nil
	}
	p := packing{list: make([]string, 0, 3*len(claims)), regions: regions}
	for i := range claims {
		p.claim(&claims[i])
	}
	return p.list
}

// packing is a growing list of packed claims, and what the next claim may leave out.
type packing struct {
	list    []string
	regions []string // of the decision
	joins   []string
	file    string
}

func (p *packing) claim(c *Claim) {
	at := len(p.list)
	p.list = append(p.list, "")
	mark := append(strconv.AppendInt(make([]byte, 0, 32), int64(c.Line), 10), ' ')
	mark = append(strconv.AppendInt(mark, int64(c.Column), 10), ' ')
	if !slices.Equal(c.Joins, p.joins) {
		mark = p.announce(mark, 'j', c.Joins)
		p.joins = c.Joins
	}
	if c.File != p.file {
		p.file = c.File
		mark = append(mark, 'f')
		p.list = append(p.list, c.File)
	}
	if !slices.Equal(c.Regions, p.regions) {
		mark = p.announce(mark, 'r', c.Regions)
	}
	if c.Path != "" {
		mark = append(mark, 'p')
		p.list = append(p.list, c.Path)
	}
	p.list[at] = string(append(append(mark, ' '), c.Role...))
	p.list = append(p.list, c.Key)
}

// announce appends the strings of a list, and to the mark what they are and how many.
func (p *packing) announce(mark []byte, what byte, list []string) []byte {
	p.list = append(p.list, list...)
	return strconv.AppendInt(append(mark, what), int64(len(list)), 10)
}

// unpack returns the claims that were packed, in their order.
func unpack(packed, regions []string) ([]Claim, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	return unpackTo(make([]Claim, 0, len(packed)/2), packed, regions, nil)
}

// unpackTo appends the claims to others. With known, packed is soon another list, and what
// is kept of it must be copied: but for joins that are known, as most are, which nobody changes.
func unpackTo(claims []Claim, packed, regions []string, known *knownJoins) ([]Claim, error) {
	joins, file := []string(nil), ""
	for r := (reader{packed, known != nil, nil}); len(r.rest) > 0; {
		c := Claim{Regions: regions}
		var announced string
		c.Line, c.Column, announced, c.Role = r.mark()
		for r.err == nil && announced != "" {
			what := announced[0]
			announced = announced[1:]
			switch what {
			case 'j':
				joins = r.joins(count(&announced), known)
			case 'f':
				file = r.one()
			case 'r':
				c.Regions = r.take(count(&announced))
			case 'p':
				c.Path = r.one()
			default:
				r.err = fmt.Errorf("a claim announces %q, which this program does not read", what)
			}
		}
		c.File, c.Key = file, r.one()
		if r.err == nil && len(joins) == 0 {
			r.err = fmt.Errorf("the claim of %q is for no join", c.Key)
		}
		if r.err != nil {
			return nil, r.err
		}
		c.Joins = joins
		claims = append(claims, c)
	}
	return claims, nil
}

// reader takes strings from the front of packed claims. After an error it gives none.
type reader struct {
	rest     []string
	borrowed bool // lists of it must be copied
	err      error
}

// mark takes a claim's mark apart.
func (r *reader) mark() (line, column int, announced string, role Role) {
	mark := r.one()
	first, rest, _ := strings.Cut(mark, " ")
	second, rest, _ := strings.Cut(rest, " ")
	announced, last, whole := strings.Cut(rest, " ")
	if r.err == nil && !whole {
		r.err = fmt.Errorf("%q begins no claim", mark)
	}
	if r.err != nil {
		return 0, 0, "", ""
	}
	if line, r.err = strconv.Atoi(first); r.err == nil {
		column, r.err = strconv.Atoi(second)
	}
	return line, column, announced, Role(last)
}

func (r *reader) one() string {
	if some := r.cut(1); r.err == nil {
		return some[0]
	}
	return ""
}

// joins is take of the names of joins.
func (r *reader) joins(n int, known *knownJoins) []string {
	if known == nil {
		return r.take(n)
	}
	return known.same(r.cut(n))
}

// knownJoins are the joins of some claims that were read before, here or for other decisions: there are
// few that are not the same.
type knownJoins struct {
	lists [8][]string
	next  int // where the next one goes
}

// same returns a list with the same texts that may be kept.
func (k *knownJoins) same(list []string) []string {
	for _, known := range k.lists {
		if slices.Equal(known, list) {
			return known
		}
	}
	kept := slices.Clone(list)
	k.lists[k.next] = kept
	k.next = (k.next + 1) % len(k.lists)
	return kept
}

// take returns n strings that the caller may keep.
func (r *reader) take(n int) []string {
	some := r.cut(n)
	if r.borrowed {
		return slices.Clone(some)
	}
	return some
}

func (r *reader) cut(n int) []string {
	if r.err == nil && n > len(r.rest) {
		r.err = fmt.Errorf("a claim announces %d strings, and %d are left", n, len(r.rest))
	}
	if r.err != nil {
		return nil
	}
	some := r.rest[:n:n]
	r.rest = r.rest[n:]
	return some
}

// count takes the number in front of what is announced.
func count(announced *string) int {
	n, i := 0, 0
	for ; i < len(*announced) && i < 9 && '0' <= (*announced)[i] && (*announced)[i] <= '9'; i++ {
		n = 10*n + int((*announced)[i]-'0')
	}
	*announced = (*announced)[i:]
	return n
}
