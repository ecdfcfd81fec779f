// Package kept measures what a cache of verdicts costs, over a generated fleet.
package kept
