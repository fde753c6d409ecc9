//go:build !linux

package main

func forget() {} // only Linux counts the pages of a program as its memory
