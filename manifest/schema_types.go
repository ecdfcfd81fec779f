package manifest

import "math"

// The types of the dialect.
var (
	u16Type     = intOf(0, math.MaxUint16)
	u32Type     = intOf(0, math.MaxUint32)
	i32Type     = intOf(math.MinInt32, math.MaxInt32)
	modeType    = u32Type.withMeant(modeMeant) // of a file
	amountType  = intOrStringOf(0, math.MaxUint32, "a number of replicas or a percentage such as 25%")
	commandList = stringList.withMeant(commandMeant)
)
