package commands

import (
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/report"
)

// mostCompletions is how many services a shell is offered: it asks before it shows more.
const mostCompletions = 1000

// complete makes the shell complete a flag of a command.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil { // the flag was not added before, or twice
		panic(err)
	}
}

// folders completes a flag that names a folder.
func folders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeServices completes a service's name, or a path.
func (f *servicesFlags) completeServices(cmd *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.ContainsAny(word, "/@") || strings.HasPrefix(word, ".") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	s, err := f.open(cmd.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	defer s.Fleet.Close()
	var names []cobra.Completion
	for name, err := range s.Fleet.Units(cmd.Context()) {
		if err != nil || len(names) == mostCompletions {
			break
		}
		if strings.HasPrefix(string(name), word) {
			names = append(names, cobra.Completion(name))
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeKinds completes a kind of units.
func (f *scopeFlags) completeKinds(cmd *cobra.Command, _ []string, _ string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	if s, err := f.open(cmd.Context(), slog.New(slog.DiscardHandler)); err == nil {
		defer s.Fleet.Close()
		for _, k := range s.Fleet.Layout().Kinds {
			names = append(names, k.Name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRegions completes a region.
func (f *scopeFlags) completeRegions(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	s, err := f.open(cmd.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer s.Fleet.Close()
	r, err := s.Resolve(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return r.AllRegions(), cobra.ShellCompDirectiveNoFileComp
}

// completeFormats completes --format of a report; behind = is a file.
func completeFormats(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.Contains(word, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	names := report.FormatNames()
	for _, name := range report.FormatNames() {
		names = append(names, name+"=")
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeNothing is for what only the user can know.
func completeNothing(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}
