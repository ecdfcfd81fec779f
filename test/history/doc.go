// Package history proves over repositories that are edited, at random and by the commits of
// histories, that what a verdict depends on is what muster takes it to depend on: an edit changes
// no other verdicts than those of the units that it touches, unless it touches what units share;
// and a verdict that was kept is the one that would be made anew.
package history
