// Package scenario holds no code of the program: its tests build the real one, start real processes of it on this computer's loopback address,
// and show what people rely on: work that is shared, kept through crashes and power cuts, imported, and explained when something is wrong.
//
// Everything a test starts lies in its own temporary folder and is killed when the test ends. HOLDFAST_BINARY names a program to test instead of
// one that is built for the run.
package scenario
