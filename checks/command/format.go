package command

import (
	"math"

	"github.com/seed306eabeb/muster/checks/command/output"
	"github.com/seed306eabeb/muster/verdict"
	"github.com/seed306eabeb/muster/yamldoc"
)

// The format of the file in which operators define commands. This is the one place where its keys
// are written down: reading and the JSON Schema follow it.

// formatVersion is the version of the format.
const formatVersion = 1

// mistake is what findings in the file are of. They are told to who reads the file, and are in
// no report.
var mistake = verdict.Rule{Code: "commands", Name: "definition", Severity: verdict.Error, Summary: "commands are defined as docs/commands.md says"}

// reader reads the file.
var reader = &yamldoc.Reader{
	Profile: yamldoc.YAML12, MaxErrors: 100,
	Rules: &yamldoc.Rules{
		Syntax: mistake, EmptyFile: mistake, ByteOrderMark: mistake, SeveralDocuments: mistake, NoContent: mistake, NotUTF8: mistake, TooDeep: mistake,
		UnknownField: mistake, DuplicateField: mistake, WrongType: mistake, Null: mistake, OutOfRange: mistake, UnknownValue: mistake, MissingField: mistake,
		UnquotedTemplate: mistake, AliasExpansion: mistake, MergeKey: mistake, IgnoredField: mistake, RepeatedKey: mistake,
	},
	Empty: func(string) yamldoc.Proposal { return yamldoc.Advice("begin with muster: 1 and commands:") },
}

// bounds of numbers.
const (
	maxExit        = 255
	maxProcesses   = 4096
	maxConcurrency = 1024
	maxStrip       = 32
)

var (
	sizes     = yamldoc.IntOrStringOf(1, math.MaxInt64, "a size such as 512KiB, 64MiB or 1GiB")
	durations = &yamldoc.Type{Kind: yamldoc.StringKind, Says: "a duration such as 500ms, 30s or 2m"}
	codes     = yamldoc.ListOf(yamldoc.IntOf(0, maxExit))
	texts     = yamldoc.ListOf(yamldoc.String)
)

// optional and defaulted describe keys that are never null: one without a value is a slip.
func optional(key string, t *yamldoc.Type, doc string) yamldoc.Field {
	return yamldoc.Optional(key, t, doc).NeverNull()
}

func object(name, doc string, fields ...yamldoc.Field) *yamldoc.Object {
	return yamldoc.NewObject(name, doc, yamldoc.RejectUnknown, fields...)
}

var fileObject = object("commands", "The commands that a worker offers, and what they are.",
	yamldoc.Required("muster", &yamldoc.Type{Kind: yamldoc.IntKind, Min: formatVersion, Max: formatVersion, Says: "1, the version of the format"}, "The version of the format."),
	yamldoc.Required("commands", yamldoc.MapOf(yamldoc.ObjectOf(commandObject)), "The commands by name, which is what a muster.yaml calls them."))

var commandObject = object("command", "A program that checks units.",
	yamldoc.Required("run", texts, "The program, by its absolute path or as the PATH has it, and its arguments. {unit} is the path of the unit from the folder in which the program starts, {files} stands for an argument of its own for each file that the check is about, and {args.NAME} for an argument that a repository sets."),
	optional("version", texts, "A program with its arguments that prints its version; the first line of that is part of the engine. Without it the bytes of the program's file are all that tells versions apart."),
	yamldoc.Defaulted("dir", yamldoc.EnumOf(DirUnit, DirRoot), DirUnit, "Where the program starts: in the unit's folder, or in the repository's root."),
	optional("env", yamldoc.MapOf(yamldoc.String), "Environment variables beside PATH, LANG and the like, which all commands get. {processors} in a value stands for how many processors are the command's own when it starts."),
	optional("args", yamldoc.MapOf(yamldoc.ObjectOf(argObject)), "Arguments that a repository may set, by the names that stand in {args.NAME}."),
	optional("exit", yamldoc.ObjectOf(exitObject), "What exit codes mean. With any other the program could not decide, and the check failed."),
	yamldoc.Required("output", yamldoc.ObjectOf(outputObject), "How findings are read from what the program prints."),
	yamldoc.Defaulted("timeout", durations, "30s", "How long it may take. A unit has a time limit of its own, --unit-timeout, which holds as well."),
	yamldoc.Defaulted("memory", sizes, "512MiB", "How much memory all its processes may take together."),
	yamldoc.Defaulted("disk", sizes, "64MiB", "How much it may write into its folder."),
	yamldoc.Defaulted("max-output", sizes, "1MiB", "How much it may print on each of its two streams. What is more is not read, and the check fails."),
	yamldoc.Defaulted("processes", yamldoc.IntOf(1, maxProcesses), "64", "How many processes and threads it may have at once."),
	yamldoc.Defaulted("network", yamldoc.Bool, "false", "Whether it may talk to others."),
	optional("read", texts, "Absolute paths of files and folders that it may read, beside its own file and, unless it is pure, the system's programs and libraries."),
	yamldoc.Defaulted("pure", yamldoc.Bool, "false", "Whether what it says depends on the unit, on what lies beside that, on its arguments, on its own file and on `read`, and on nothing else. It can read nothing else then, and all of that is part of its engine."),
	optional("image", yamldoc.String, "Of a pure one: a digest (sha256:…) that names all that it may read, in place of the bytes of `read`."),
	yamldoc.Defaulted("concurrency", yamldoc.IntOf(0, maxConcurrency), "0", "How many of it run at once in a process; 0 for as many as the process has slots."))

var argObject = object("argument", "An argument that a repository may set.",
	yamldoc.Required("match", yamldoc.String, "A regular expression (RE2) that the whole value matches."),
	optional("default", yamldoc.String, "The value where a repository sets none. Without one what {args.NAME} stands in is left out then."),
	yamldoc.Defaulted("needed", yamldoc.Bool, "false", "Whether a repository must set it."))

var exitObject = object("exit", "What exit codes mean.",
	yamldoc.Defaulted("clean", codes, "[0]", "Codes that say that the program did its work. What it printed decides."),
	yamldoc.Defaulted("findings", codes, "[1]", "Codes that say that it has found something. Where nothing can be read of that, the check failed."))

var outputObject = object("output", "How findings are read from what the program prints.",
	yamldoc.Required("format", yamldoc.EnumOf(formatWords()...), "What it prints."),
	yamldoc.Defaulted("from", yamldoc.EnumOf("stdout", "stderr", "both"), "stdout", "Which of its streams is read."),
	optional("pattern", yamldoc.String, "Of regex: an expression (RE2) that each line with a finding matches, with the named groups message, and file, line, column, endline, endcolumn, severity and code as far as the program says them."),
	optional("errorformats", yamldoc.Strings, "Of errorformat: the patterns, as Vim has them."),
	optional("severities", yamldoc.MapOf(yamldoc.EnumOf("error", "warning", "info", "off")), "What the program's words for severities mean. Those that are off are passed over."),
	yamldoc.Defaulted("strip", yamldoc.IntOf(0, maxStrip), "0", "How many elements are taken off the front of each file's path, where that is not absolute."),
	optional("prefix", yamldoc.String, "What is put before what is left of it."))

func formatWords() (words []string) {
	for _, f := range output.Formats() {
		words = append(words, string(f))
	}
	return words
}

// JSONSchema is a JSON Schema (draft 2020-12) of the file, for editors and other tools.
func JSONSchema() ([]byte, error) { return yamldoc.JSONSchema(fileObject) }
