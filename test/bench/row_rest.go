//go:build linux

package main

var plainAsynq, latency, scaleOut, memory, redisCPU, breakEven row
