package config

import "github.com/seed306eabeb/muster/verdict"

var (
	ruleCommandName = define(verdict.Rule{Code: "C226", Name: "command-name",
		Summary: "a command is called by its name",
		Doc: "A repository names a command; what is run is said by whoever operates the workers, in a file that they are given with --commands. " +
			"Whether there is one of that name is known to the workers alone: enqueue workers lists what they offer.",
		Good: portChecks + "      - run: helm-lint\n",
		Bad:  portChecks + "      - run: helm lint --strict # want 14 `run is \"helm lint --strict\", which is no name of a command`\n"})
	ruleArgument = define(verdict.Rule{Code: "C227", Name: "command-argument",
		Summary: "the arguments of a command have names, and values that no program takes for an option",
		Doc: "Which arguments a command has, and which values fit, its definition says: one that it does not have, or that does not fit, is told by the worker, of each unit. " +
			"Options, which begin with a dash, belong into the definition.",
		Good: portChecks + "      - {run: helm-lint, args: {kube-version: \"1.31\"}}\n",
		Bad:  portChecks + "      - {run: helm-lint, args: {kube-version: --debug}} # want 47 `kube-version is \"--debug\", which a program would take for an option`\n"})
	ruleReads = define(verdict.Rule{Code: "C229", Name: "outside-reads",
		Summary: "what a command is about are files that it sees",
		Doc: "With `reads` a command sees of a unit the files that it names, and no other: so what else changes in the unit does not run it again. " +
			"Each glob of `in` is then one of `reads`, or lies in what one of them matches.",
		Good: portChecks + "      - {run: helm-lint, reads: chart/**, in: chart/*.yaml}\n",
		Bad:  portChecks + "      - {run: helm-lint, reads: chart/**, in: values.yaml} # want 47 `in is \"values.yaml\", which is not within what the command sees by`\n"})
	ruleWith = define(verdict.Rule{Code: "C228", Name: "beside-the-unit",
		Summary: "what a command finds beside a unit are files and folders of the repository",
		Doc: "Each lies at its path, a folder with all that is in it; together they are at most 64 MiB. A link in a folder that leads to a file of the repository stands for it. " +
			"When one of them changes, all units of the kind are checked.",
		Good: portChecks + "      - {run: helm-lint, with: [schemas/lib, shared/teams.yml]}\n",
		Bad:  portChecks + "      - {run: helm-lint, with: schemas/*.json} # want 32 `with is \"schemas/*.json\", a glob; expected the path of a file or a folder`\n"})
)
