// Package coldstart lets the garbage collector run less often from the first moments of the program that imports it. A
// start allocates much and frees little, and half of it is initializers of other packages. Those run in the order of
// import paths as far as imports allow, so a package that imports next to nothing comes before most of them.
package coldstart

import "runtime/debug"

// UsualGC is the setting of the garbage collector that the program had before, for debug.SetGCPercent.
var UsualGC = debug.SetGCPercent(400)
