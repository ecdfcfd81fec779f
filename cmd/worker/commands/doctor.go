package commands

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/cache"
	"github.com/seed306eabeb/muster/checks/command"
	"github.com/seed306eabeb/muster/internal/cli"
	"github.com/seed306eabeb/muster/policy"
	"github.com/seed306eabeb/muster/sandbox"
)

// doctorFormat is how the doctor writes what it has found.
type doctorFormat string

const (
	doctorText doctorFormat = "text"
	doctorJSON doctorFormat = "json"
)

type doctorFlags struct {
	program  cli.Program
	redis    cli.RedisFlags
	commands cli.CommandFlags
	cache    cli.CacheFlags
	format   doctorFormat
	schema   bool
}

func newDoctorCmd(p cli.Program) *cobra.Command {
	f := doctorFlags{program: p}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "say which commands this machine can offer, and whether verdicts can be kept",
		Long: `doctor reads the definitions of commands as a worker does, asks each program for its
version, and says what a worker would offer here, and why it would not offer the rest.
It exits with 1 unless all stand. It needs no Redis.

With --cache-domain it says whether a worker can keep verdicts in that domain of the cache:
it writes one that nobody asks for, and reads it.`,
		Example: `  worker doctor --commands commands.yaml
  worker doctor --redis redis://queue.internal:6379/0 --cache-domain main
  worker doctor --schema > commands.schema.json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.commands.Add(cmd)
	f.redis.Add(cmd, "`URL` of the Redis, for --cache-domain (default $"+cli.RedisEnv+")")
	f.cache.AddDomain(cmd)
	f.cache.AddRedis(cmd)
	cli.Choose(cmd, &f.format, "format", "write as `FORMAT`", doctorText, doctorJSON)
	cmd.Flags().BoolVar(&f.schema, "schema", false, "print the JSON Schema of the file that defines commands, for editors")
	return cmd
}

func (f *doctorFlags) run(cmd *cobra.Command) error {
	if f.schema {
		text, err := command.JSONSchema()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
		return err
	}
	if !f.commands.Given() && f.cache.Domain == "" {
		return cli.Usagef("--commands is missing: name the file that defines them, or a domain of the cache by --cache-domain")
	}
	if err := f.cache.Check(); err != nil {
		return err
	}
	log := cli.NewLog(cmd.ErrOrStderr(), "worker", slog.LevelWarn)
	kept, err := f.diagnoseCache(cmd.Context(), log)
	if err != nil {
		return err
	}
	d := diagnoses{Commands: []diagnosis{}}
	if f.commands.Given() {
		begun := time.Now()
		offers, end, err := f.commands.Open(cmd.Context(), log)
		if err != nil {
			return err
		}
		defer end()
		d = diagnose(offers, time.Since(begun))
	}
	d.Cache = kept
	write := d.text
	if f.format == doctorJSON {
		write = d.json
	}
	if err := write(cmd.OutOrStdout()); err != nil {
		return err
	}
	if slices.ContainsFunc(d.Commands, func(c diagnosis) bool { return !c.Offered }) || d.Cache != nil && !d.Cache.Kept {
		return cli.ExitWith(policy.ExitInvalid)
	}
	return nil
}

// diagnoses are what the doctor has found.
type diagnoses struct {
	Walls    []wall      `json:"walls"`
	Commands []diagnosis `json:"commands"`
	Took     float64     `json:"seconds"`
	Cache    *cacheFound `json:"cache,omitempty"` // where a domain was asked for
}

// cacheFound is what the doctor has found of a domain of the cache.
type cacheFound struct {
	Domain string `json:"domain"`
	Kept   bool   `json:"kept"`          // what a worker writes there can be read
	Why    string `json:"why,omitempty"` // it cannot
}

// diagnoseCache looks whether verdicts can be kept in the domain that the flags name, nil for none.
func (f *doctorFlags) diagnoseCache(ctx context.Context, log *slog.Logger) (*cacheFound, error) {
	if f.cache.Domain == "" {
		return nil, nil
	}
	r, err := f.program.Connect(ctx, f.redis, "doctor")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c, err := f.program.CacheIn(ctx, f.cache, r, f.redis.Files, "doctor", log)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	found := &cacheFound{Domain: f.cache.Domain}
	if err := tryCache(ctx, c.Store, f.cache.Domain); err != nil {
		found.Why = err.Error()
	}
	found.Kept = found.Why == ""
	return found, nil
}

// tryCache writes and reads something in a domain that is no verdict, under a key that nobody asks for.
func tryCache(ctx context.Context, s cache.Store, domain string) error {
	if _, err := s.Salt(ctx, domain); err != nil {
		return err
	}
	var key cache.Key
	rand.Read(key[:])
	tried := []byte("worker doctor")
	if err := s.Put(ctx, cache.Verdicts, domain, []cache.Item{{Key: key, Value: tried}}); err != nil {
		return err
	}
	values, err := s.Get(ctx, cache.Verdicts, domain, []cache.Key{key})
	switch {
	case err != nil:
		return err
	case !bytes.Equal(values[0], tried):
		return errors.New("what was written a moment ago is not there: the cache's Redis has no room")
	}
	return nil
}

func (c *cacheFound) text(w io.Writer) {
	switch {
	case c == nil:
	case c.Kept:
		fmt.Fprintf(w, "verdicts can be kept in the cache domain %s\n", c.Domain)
	default:
		fmt.Fprintf(w, "verdicts cannot be kept in the cache domain %s: %s\n", c.Domain, c.Why)
	}
}

// wall is one that this machine can put up, or why it cannot.
type wall struct {
	Name string `json:"name"`
	By   string `json:"by,omitempty"`
	Why  string `json:"why,omitempty"`
}

// diagnosis is one command.
type diagnosis struct {
	Name         string   `json:"name"`
	Offered      bool     `json:"offered"`
	Why          string   `json:"why,omitempty"` // it is not
	Program      string   `json:"program,omitempty"`
	Version      string   `json:"version,omitempty"`
	Pure         bool     `json:"pure,omitempty"`
	Walls        []string `json:"walls,omitempty"`
	Engine       string   `json:"engine,omitempty"`
	ClosureFiles int      `json:"closureFiles,omitempty"`
	ClosureBytes int64    `json:"closureBytes,omitempty"`
}

func diagnose(offers *command.Offers, took time.Duration) diagnoses {
	d := diagnoses{Took: took.Seconds()}
	for _, s := range offers.Walls() {
		d.Walls = append(d.Walls, wall{string(s.Wall), s.By, s.Why})
	}
	for _, o := range offers.All() {
		d.Commands = append(d.Commands, diagnosis{
			Name: o.Definition.Name, Offered: true, Program: o.Program, Version: o.Version, Pure: o.Definition.Pure, Walls: words(o.Walls), Engine: o.Engine,
			ClosureFiles: o.Closure.Files, ClosureBytes: o.Closure.Bytes,
		})
	}
	for _, r := range offers.Refused() {
		d.Commands = append(d.Commands, diagnosis{Name: r.Name, Why: r.Why})
	}
	slices.SortFunc(d.Commands, func(a, b diagnosis) int { return strings.Compare(a.Name, b.Name) })
	return d
}

func words(walls []sandbox.Wall) []string {
	all := make([]string, len(walls))
	for i, w := range walls {
		all[i] = string(w)
	}
	return all
}

func (d diagnoses) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

func (d diagnoses) text(w io.Writer) error {
	d.Cache.text(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, one := range d.Walls {
		says := one.By
		if one.Why != "" {
			says = "cannot be had: " + one.Why
		}
		fmt.Fprintf(t, "wall %s\t%s\n", one.Name, says)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range d.Commands {
		fmt.Fprintln(w)
		if !c.Offered {
			fmt.Fprintf(w, "%s is not offered: %s\n", c.Name, c.Why)
			continue
		}
		kind := ""
		if c.Pure {
			kind = ", pure"
		}
		fmt.Fprintf(w, "%s is offered%s\n", c.Name, kind)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "  program\t%s\n", c.Program)
		if c.Version != "" {
			fmt.Fprintf(t, "  version\t%s\n", c.Version)
		}
		fmt.Fprintf(t, "  walls\t%s\n  engine\t%s, of %d files with %d bytes\n", strings.Join(c.Walls, ", "), c.Engine, c.ClosureFiles, c.ClosureBytes)
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}
