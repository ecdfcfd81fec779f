// Package muster holds the module's own sources, as far as they make verdicts, so that a
// verdict can name the code that made it.
package muster

import "embed"

// Judging are the sources of every package that makes decisions and of those of this module
// that it imports, tests included, and the sums of the modules that they may be linked with.
//
//go:embed go.sum id/*.go blob/*.go bundle/*.go verdict/*.go check/*.go check/engine/*.go internal/foreign/*.go yamldoc/syntax/*.go yamldoc/naming/*.go yamldoc/*.go marks/*.go fleet/*.go document/*.go internal/ecma/*.go checks/selector/*.go checks/schema/*.go checks/rule/*.go checks/declared/*.go checks/command/*.go checks/command/closure/*.go checks/command/output/*.go sandbox/*.go sandbox/cell/*.go sandbox/cell/*.s manifest/*.go manifest/tera/*.go
var Judging embed.FS
