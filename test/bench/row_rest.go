//go:build linux

package main

var memory, redisCPU, breakEven row
