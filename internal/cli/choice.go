package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed306eabeb/muster/scope"
)

// choice is a flag that takes one of a few words. It says itself which, where it
// refuses one, in the help and to the shell's completion.
type choice[T ~string] struct {
	flag  string
	to    *T
	words []T
}

// Choose adds a flag that takes one of the words and starts as the first of them. Usage
// says what the word is for; the words are added to it.
func Choose[T ~string](cmd *cobra.Command, to *T, flag, usage string, words ...T) {
	c := &choice[T]{flag, to, words}
	*to = words[0]
	cmd.Flags().Var(c, flag, usage+": "+OneOf(words))
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		all := make([]cobra.Completion, len(words))
		for i, w := range words {
			all[i] = cobra.Completion(w)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil { // the flag was added above, once
		panic(err)
	}
}

// String is the word that stands.
func (c *choice[T]) String() string { return string(*c.to) }

// Type names the flag's value in the help.
func (c *choice[T]) Type() string { return "string" }

// Set takes a word, or says which there are.
func (c *choice[T]) Set(word string) error {
	if !slices.Contains(c.words, T(word)) {
		return scope.Usagef("--%s %q: want %s", c.flag, word, OneOf(c.words))
	}
	*c.to = T(word)
	return nil
}

// OneOf enumerates two words or more: "a, b or c".
func OneOf[T ~string](words []T) string {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	last := len(names) - 1
	return fmt.Sprintf("%s or %s", strings.Join(names[:last], ", "), names[last])
}
