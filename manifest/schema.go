package manifest

import (
	"math"

	"github.com/seed306eabeb/muster/yamldoc"
)

// The words in which the schema files describe the keys of the dialect: those of yamldoc,
// and the types that the dialect has beside them.

type field = yamldoc.Field

const (
	rejectUnknown = yamldoc.RejectUnknown
	ignoreUnknown = yamldoc.IgnoreUnknown // of teams.yml, which other programs read too
	warnUnknown   = yamldoc.WarnUnknown   // ignored by shipcat, worth a warning
	extraFields   = yamldoc.ExtraFields
	mergeKeys     = yamldoc.MergeKeys
	mergeFields   = yamldoc.MergeFields
)

var (
	newObject = yamldoc.NewObject
	required  = yamldoc.Required
	optional  = yamldoc.Optional
	defaulted = yamldoc.Defaulted

	listOf        = yamldoc.ListOf
	mapOf         = yamldoc.MapOf
	textMapOf     = yamldoc.TextMapOf
	nullableMapOf = yamldoc.NullableMapOf
	objectOf      = yamldoc.ObjectOf
	enumOf        = yamldoc.EnumOf
)

var (
	stringType  = yamldoc.String
	textType    = yamldoc.Text
	relaxedType = yamldoc.Relaxed
	boolType    = yamldoc.Bool
	stringsType = yamldoc.Strings
	u16Type     = yamldoc.IntOf(0, math.MaxUint16)
	u32Type     = yamldoc.IntOf(0, math.MaxUint32)
	i32Type     = yamldoc.IntOf(math.MinInt32, math.MaxInt32)
	modeType    = u32Type.Meaning(modeMeant) // of a file
	amountType  = yamldoc.IntOrStringOf(0, math.MaxUint32, "a number of replicas or a percentage such as 25%")

	stringList  = listOf(stringType)
	commandList = stringList.Meaning(commandMeant)
	stringMap   = mapOf(stringType)
	relaxedMap  = mapOf(relaxedType)
	textList    = listOf(textType).WithAnyKeys()
	textMap     = textMapOf(textType)
)
