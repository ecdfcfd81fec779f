//go:build linux

package main

var latency, scaleOut, memory, redisCPU, breakEven row
