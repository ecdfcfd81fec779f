package rule

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/seed306eabeb/muster/checks/selector"
	"github.com/seed306eabeb/muster/verdict"
)

// maxFound is how many findings one check makes. Whoever has made that many mistakes has made one
// many times.
const maxFound = 100

// Check asks the rule about a document, or about each value in it that its selector selects. Findings
// come in the order of the values, the first hundred; Name says what they are:
//
//	rule       the rule is false
//	undecided  it, its `when` or its selector ended in an error
//	cost       it takes more work than is allowed
//
// When ctx ends before, what is returned means nothing.
func (r *Rule) Check(ctx context.Context, in Input) []verdict.Finding {
	a := &asking{rule: r, ctx: ctx, in: &in, left: maxCosts}
	name := path.Base(in.File)
	a.vars = variablesOf{in: &in, name: name, stem: strings.TrimSuffix(name, path.Ext(name)),
		files: &lazy{in.Unit.Files, in.Files}, shared: &lazy{in.SharedPaths, in.Shared}}
	a.node = selector.Node{Value: in.Doc.Value()}
	nodes := []selector.Node{a.node}
	if r.each != nil {
		nodes = a.selected()
	}
	for _, n := range nodes {
		if ctx.Err() != nil {
			return nil
		}
		if a.node, a.vars.self = n, n.Value; !a.ask() || len(a.found) == maxFound {
			break
		}
	}
	return a.found
}

// selected are the values that the rule is asked of.
func (a *asking) selected() []selector.Node {
	nodes, err := a.rule.each.Select(a.in.Doc)
	var e *selector.Error
	switch {
	case errors.As(err, &e):
		a.add("undecided", partly("each")+"could not be decided: "+e.Message, a.here(), []string{a.rule.help, e.Help})
	case err != nil:
		a.add("undecided", partly("each")+"could not be decided: "+err.Error(), a.here(), []string{a.rule.help})
	}
	if in := a.in; in.Selected != nil && (err != nil || len(nodes) > 0) {
		in.Selected()
	}
	return nodes
}

// asking is a rule being asked.
type asking struct {
	rule  *Rule
	ctx   context.Context
	in    *Input
	vars  variablesOf
	node  selector.Node // that the rule is asked of
	left  uint64        // of the cost
	found []verdict.Finding
}

// ask asks the rule of one value, and says whether there is more to ask.
func (a *asking) ask() bool {
	if when := a.rule.when; when != nil {
		if applies, ok := a.decide("when", when); !ok || !applies {
			return a.left > 0
		}
	}
	fine, ok := a.decide("rule", a.rule.rule)
	if ok && !fine {
		a.failed()
	}
	return a.left > 0
}

// decide evaluates an expression to true or false. If it is neither, that is a finding.
func (a *asking) decide(part string, e *expression) (is, ok bool) {
	value, err := a.evaluate(e)
	if err != nil {
		a.erred(part, e, err)
		return false, false
	}
	truth, ok := value.(types.Bool)
	if !ok {
		a.add("undecided", partly(part)+"could not be decided: it is "+shown(value)+"; expected true or false",
			a.trace(e).why().place, []string{a.rule.help})
	}
	return bool(truth), ok
}

var errCost = errors.New("cost")

// evaluate is the value of an expression. The error is errCost where it takes too much.
func (a *asking) evaluate(e *expression) (ref.Val, error) {
	value, details, err := e.plan.ContextEval(a.ctx, &a.vars)
	if cost := details.ActualCost(); cost != nil {
		a.left -= min(*cost, a.left)
	}
	var cancelled interpreter.EvalCancelledError
	if a.left == 0 || errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded {
		return nil, errCost
	}
	return value, err
}

// trace evaluates an expression again, and keeps what its parts were.
func (a *asking) trace(e *expression) *trace {
	t := &trace{written: e.written, asking: a, bound: map[string]chain{}, state: interpreter.NewEvalState()}
	program, err := e.traced()
	if err != nil {
		return t
	}
	if _, details, _ := program.ContextEval(a.ctx, &a.vars); details != nil && details.State() != nil {
		t.state = details.State()
	}
	return t
}

// failed notes that the rule is false.
func (a *asking) failed() {
	e := a.rule.rule
	why := a.trace(e).why()
	if a.rule.message == nil {
		a.add("rule", "is false: "+why.text+listed(why.values), why.place, append([]string{a.rule.help}, why.absent...))
		return
	}
	helps := []string{a.rule.help}
	message, err := a.message()
	if err != nil {
		message = "is false: " + why.text
		helps = append(helps, "the rule's message could not be made: "+err.Error())
	}
	for _, p := range why.values {
		helps = append(helps, p.text+" is "+p.value)
	}
	a.add("rule", message, why.place, append(helps, why.absent...))
}

// message is what the author of the rule says.
func (a *asking) message() (string, error) {
	value, err := a.evaluate(a.rule.message)
	if err == errCost {
		return "", errors.New("it takes too much work")
	}
	if err != nil {
		return "", errors.New(plain(err))
	}
	text, ok := value.(types.String)
	if !ok {
		return "", fmt.Errorf("it is %s; expected a string", shown(value))
	}
	return cutAt(string(text), maxMessage), nil
}

// erred notes the error that an expression ended in.
func (a *asking) erred(part string, e *expression, err error) {
	if a.ctx.Err() != nil {
		return
	}
	if err == errCost {
		limit := "the cost limit of 1,000,000"
		if a.left == 0 {
			limit = "the cost limit of 10,000,000 for all values of a document"
		}
		a.add("cost", partly(part)+"could not be decided within "+limit+": "+quote(oneLine(e.text)), a.here(),
			[]string{"go through less: name the values that matter, and do not nest loops"})
		return
	}
	a.undecided(part, plain(err), e)
}

// undecided notes why an expression could not be decided.
func (a *asking) undecided(part, why string, e *expression) {
	why, place, help := a.trace(e).whyNot(why)
	a.add("undecided", partly(part)+"could not be decided: "+why, place, []string{a.rule.help, help})
}

// partly says which part of a rule a message is about, unless it is the rule itself.
func partly(part string) string {
	if part == "rule" {
		return ""
	}
	return "its " + quote(part) + " "
}

// here is where the value stands that the rule is asked of.
func (a *asking) here() verdict.Place { return a.node.Place(a.in.Doc) }

func (a *asking) add(name, message string, place verdict.Place, helps []string) {
	help := strings.Join(saying(helps), "; ")
	place.Line, place.Column = max(place.Line, 1), max(place.Column, 1)
	a.found = append(a.found, verdict.Finding{Name: name, Severity: verdict.Error, Message: message, Place: place, Help: help, Regions: a.in.Regions})
}

// saying are the texts that say something.
func saying(all []string) []string {
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

var _ cel.Activation = (*variablesOf)(nil)
