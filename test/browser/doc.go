// Package browser holds the page of --format html to a browser: that it opens in time, that its
// search, filters and keys do what they say, that what is hostile in it stays text, and that it can
// be used on a phone and by who does not see it. The commands are the real ones.
//
// It is a module of its own, so that nothing of what drives the browser becomes a requirement of the
// program. It needs chromium-headless-shell on PATH, or where MUSTER_CHROMIUM says. With
// MUSTER_SCREENSHOTS it leaves pictures in that folder, for people to look at.
package browser
