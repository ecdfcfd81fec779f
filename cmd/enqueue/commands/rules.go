package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/config"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/manifest"
	"github.com/seed306eabeb/muster/verdict"
)

func newRulesCmd(p cli.Program) *cobra.Command {
	var format rulesFormat
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "list the rules that a report may name",
		Args:  cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules := p.Rules()
			if f.repo != "" {
				own, err := f.declaredRules(cmd)
				if err != nil {
					return err
				}
				rules = append(rules, own...)
			}
			return writeRules[format](cmd.OutOrStdout(), rules)
		},
	}
	f.addRepo(cmd, "list the checks of the muster.yaml in `DIR`, too")
	cli.Choose(cmd, &format, "format", "print `FORMAT`", "text", "json", "markdown")
	return cmd
}

// rulesFormat is how rules are printed.
type rulesFormat string

var writeRules = map[rulesFormat]func(io.Writer, []verdict.Rule) error{
	"text": ruleTable, "json": rulesJSON, "markdown": rulesPage,
}

func ruleTable(w io.Writer, rules []verdict.Rule) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		summary := r.Summary
		if len(r.Aliases) > 0 {
			summary += " (formerly " + strings.Join(r.Aliases, ", ") + ")"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Code, r.Level(), r.Name, summary)
	}
	return t.Flush()
}

func rulesJSON(w io.Writer, rules []verdict.Rule) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(rules)
}

// rulesPage is docs/rules.md.
func rulesPage(w io.Writer, rules []verdict.Rule) error {
	var b strings.Builder
	b.WriteString("# Rules\n\nEvery rule that a report may name, as `enqueue rules --format markdown` writes it.\n\n| code | name | severity | |\n| --- | --- | --- | --- |\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s-%s) | %s | %s | %s |\n", r.Code, strings.ToLower(r.Code), r.Name, r.Name, r.Level(), strings.ReplaceAll(r.Summary, "|", `\|`))
	}
	for _, r := range rules {
		fmt.Fprintf(&b, "\n## %s %s\n\n%s: %s.\n", r.Code, r.Name, r.Level(), r.Summary)
		if doc := strings.TrimSpace(r.Doc); doc != "" {
			fmt.Fprintf(&b, "\n%s\n", doc)
		}
		if len(r.Aliases) > 0 {
			fmt.Fprintf(&b, "\nFormerly %s.\n", strings.Join(r.Aliases, ", "))
		}
		fenced(&b, "Found:", r.Bad)
		fenced(&b, "Fine:", r.Good)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fenced(b *strings.Builder, heading, text string) {
	if text = strings.Trim(text, "\n"); text != "" {
		fmt.Fprintf(b, "\n%s\n\n```yaml\n%s\n```\n", heading, text)
	}
}

func newExplainCmd(p cli.Program) *cobra.Command {
	f := scopeFlags{program: p}
	cmd := &cobra.Command{
		Use:   "explain RULE",
		Short: "explain a rule, by its code or its name, or a check of muster.yaml by its ID; former ones too",
		Long: `explain says what a rule asks, by its code or its name. A check of the muster.yaml is
explained by its ID, with its place there, and what its findings may be called
(unknown-reference) by that name.`,
		Example:           "  enqueue explain M318\n  enqueue explain request-above-limit\n  enqueue explain port/schema",
		Args:              cli.OneArg("rule", "`enqueue rules` lists all"),
		ValidArgsFunction: completeRules(p),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := f.findRule(cmd, args[0])
			m, known := mistakeOf(args[0])
			if err != nil && !known {
				return err
			}
			if err == nil {
				err = f.explainOwn(cmd.OutOrStdout(), r)
			}
			if known { // beside a rule of that name, too
				return explainMistake(cmd.OutOrStdout(), m)
			}
			return err
		},
	}
	f.addRepo(cmd, "explain the checks of the muster.yaml in `DIR`, too (default the nearest upwards)")
	return cmd
}

// findRule is the rule of a name, or the check of the repository that has it. Without --repo there
// need not be one.
func (f *scopeFlags) findRule(cmd *cobra.Command, name string) (verdict.Rule, error) {
	rules := f.program.Rules()
	// The IDs of checks have a slash by default, and codes and names have none.
	r, notBuiltIn := findRule(rules, name)
	if notBuiltIn == nil && f.repo == "" {
		return r, nil
	}
	own, err := f.declaredRules(cmd)
	switch invalid := (*invalidConfigError)(nil); {
	case err == nil:
		return findRule(append(own, rules...), name)
	case f.repo != "":
		return r, err
	case errors.As(err, &invalid):
		return r, cli.Usagef("%v; the checks of %s are not known: %v", notBuiltIn, config.Marker, err)
	}
	return r, notBuiltIn
}

// invalidConfigError names the first mistake of a configuration of which therefore nothing is known.
type invalidConfigError struct{ error }

func (e *invalidConfigError) Unwrap() error { return e.error }

// declaredRules are the checks that the repository's configuration makes.
func (f *scopeFlags) declaredRules(cmd *cobra.Command) ([]verdict.Rule, error) {
	s, err := f.open(cmd.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer s.Fleet.Close()
	if i := slices.IndexFunc(s.Mistakes, func(m verdict.Finding) bool { return m.Severity == verdict.Error }); i >= 0 {
		first := s.Mistakes[i]
		return nil, &invalidConfigError{cli.Usagef("the configuration has errors: %s: %s: `enqueue config verify` tells all", first.Place, first.Message)}
	}
	r, err := s.Resolve(cmd.Context())
	return r.Rules(), err
}

// completeRules offers the codes and the names of rules.
func completeRules(p cli.Program) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, r := range p.Rules() {
			words = append(words, r.Code+"\t"+r.Name, r.Name+"\t"+r.Summary)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

func findRule(rules []verdict.Rule, name string) (verdict.Rule, error) {
	i := slices.IndexFunc(rules, func(r verdict.Rule) bool {
		return strings.EqualFold(r.Code, name) || strings.EqualFold(r.Name, name)
	})
	if i < 0 { // what it is called now goes before what another was called once
		i = slices.IndexFunc(rules, func(r verdict.Rule) bool {
			return slices.ContainsFunc(r.Aliases, func(was string) bool { return strings.EqualFold(was, name) })
		})
	}
	if i >= 0 {
		return rules[i], nil
	}
	distance := func(r verdict.Rule) int {
		return min(levenshtein.ComputeDistance(r.Name, name), levenshtein.ComputeDistance(r.Code, name))
	}
	near := slices.MinFunc(rules, func(a, b verdict.Rule) int { return distance(a) - distance(b) })
	if distance(near) > len(name)/2 {
		return verdict.Rule{}, cli.Usagef("there is no rule %q: `enqueue rules` lists all", name)
	}
	return verdict.Rule{}, cli.Usagef("there is no rule %q: did you mean %s (%s)? `enqueue rules` lists all", name, near.Name, near.Code)
}

func explain(w io.Writer, r verdict.Rule) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s)\n\n%s.\n", r.Code, r.Name, r.Level(), r.Summary)
	if doc := strings.TrimSpace(r.Doc); doc != "" {
		fmt.Fprintf(&b, "\n%s\n", doc)
	}
	if len(r.Aliases) > 0 {
		fmt.Fprintf(&b, "\nFormerly: %s\n", strings.Join(r.Aliases, ", "))
	}
	indented(&b, "Found", r.Bad)
	indented(&b, "Fine", r.Good)
	_, err := io.WriteString(w, b.String())
	return err
}

func indented(b *strings.Builder, heading, text string) {
	if text = strings.Trim(text, "\n"); text != "" {
		fmt.Fprintf(b, "\n%s:\n\n    %s\n", heading, strings.ReplaceAll(text, "\n", "\n    "))
	}
}

// musterSchema is the name of the schema of muster.yaml.
const musterSchema = "muster"

func newSchemaCmd() *cobra.Command {
	names := append(manifest.SchemaNames(), musterSchema)
	return &cobra.Command{
		Use:       "schema " + strings.Join(names, "|"),
		Short:     "print the JSON Schema of a kind of file, for editors",
		Args:      cli.OneArg("kind", "one of "+strings.Join(names, ", ")),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(names, args[0]) {
				return cli.Usagef("there is no schema %q: want %s", args[0], strings.Join(names, ", "))
			}
			write := config.JSONSchema
			if args[0] != musterSchema {
				write = func() ([]byte, error) { return manifest.JSONSchema(args[0]) }
			}
			b, err := write()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(b)
			return err
		},
	}
}
