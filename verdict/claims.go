package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Claims are most of a verdict, and one enqueuer reads those of the whole fleet: they
// travel as one list of strings, in which what recurs is left out. A claim that several
// joins read is sent once: a mark, and behind it the strings that the mark announces,
// in this order:
//
//	jN  its N joins; left out: those of the claim before
//	f   its file; left out: that of the claim before
//	rN  its N regions; left out: those of the decision
//	p   its path; left out: none
//
// and then its key. A mark is "LINE COLUMN ANNOUNCED ROLE", such as "51 9 j3p needs".

// pack gives claims the form in which they travel. Their order is by place: those of
// one place are mostly one claim that several joins read.
func pack(claims []Claim, regions []string) []string {
	if len(claims) == 0 {
		return nil
	}
	order := make([]int, len(claims))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return byPlace(&claims[i], &claims[j]) })
	packed, joins, file := make([]string, 0, 3*len(claims)), []string(nil), ""
	for len(order) > 0 {
		c, n := &claims[order[0]], 1
		for n < len(order) && alike(c, &claims[order[n]]) {
			n++
		}
		at := len(packed)
		packed = append(packed, "")
		mark := strconv.AppendInt(append(strconv.AppendInt(make([]byte, 0, 32), int64(c.Line), 10), ' '), int64(c.Column), 10)
		mark = append(mark, ' ')
		if !slices.EqualFunc(order[:n], joins, func(i int, join string) bool { return claims[i].Join == join }) {
			mark = strconv.AppendInt(append(mark, 'j'), int64(n), 10)
			for _, i := range order[:n] {
				packed = append(packed, claims[i].Join)
			}
			joins = packed[at+1:]
		}
		if c.File != file {
			file = c.File
			mark = append(mark, 'f')
			packed = append(packed, file)
		}
		if !slices.Equal(c.Regions, regions) {
			mark = strconv.AppendInt(append(mark, 'r'), int64(len(c.Regions)), 10)
			packed = append(packed, c.Regions...)
		}
		if c.Path != "" {
			mark = append(mark, 'p')
			packed = append(packed, c.Path)
		}
		packed[at] = string(append(append(mark, ' '), c.Role...))
		packed = append(packed, c.Key)
		order = order[n:]
	}
	return packed
}

// byPlace orders claims so that those which differ in their join alone are neighbours.
func byPlace(a, b *Claim) int {
	if n := cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)); n != 0 {
		return n
	}
	like := *a
	like.Join = b.Join
	if n := like.Compare(*b); n != 0 {
		return n
	}
	return strings.Compare(a.Join, b.Join)
}

// alike says whether claims differ in their join at most.
func alike(a, b *Claim) bool {
	return a.Place == b.Place && a.Role == b.Role && a.Key == b.Key && slices.Equal(a.Regions, b.Regions)
}

// unpack gives the claims that were packed, in the order that Settle gives them.
func unpack(packed, regions []string) ([]Claim, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	claims, joins, file := make([]Claim, 0, len(packed)), []string(nil), ""
	for r := (reader{packed, nil}); len(r.rest) > 0; {
		c := Claim{Regions: regions}
		var announced string
		c.Line, c.Column, announced, c.Role = r.mark()
		for r.err == nil && announced != "" {
			what := announced[0]
			announced = announced[1:]
			switch what {
			case 'j':
				joins = r.take(count(&announced))
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
		for _, c.Join = range joins {
			claims = append(claims, c)
		}
	}
	slices.SortFunc(claims, Claim.Compare)
	return claims, nil
}

// reader takes strings from the front of packed claims. After an error it gives none.
type reader struct {
	rest []string
	err  error
}

// mark takes a claim's mark apart.
func (r *reader) mark() (line, column int, announced string, role Role) {
	mark := r.one()
	parts := strings.SplitN(mark, " ", 4)
	if r.err == nil && len(parts) < 4 {
		r.err = fmt.Errorf("%q begins no claim", mark)
	}
	if r.err != nil {
		return 0, 0, "", ""
	}
	if line, r.err = strconv.Atoi(parts[0]); r.err == nil {
		column, r.err = strconv.Atoi(parts[1])
	}
	return line, column, parts[2], Role(parts[3])
}

func (r *reader) one() string {
	if some := r.take(1); r.err == nil {
		return some[0]
	}
	return ""
}

// take gives n strings that the caller may keep.
func (r *reader) take(n int) []string {
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
