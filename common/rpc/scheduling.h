// How the kernel shares the processors out among threads. Where it does not let itself be told, all stays as it is:
// slower, not wrong.
#pragma once

namespace shangda::rpc {

// This thread, and those that it starts from now on, take no processor from one at work when they are woken; they wait
// until it rests, or its turn is over (some milliseconds). For a service whose threads wake each other for every call:
// on busy processors most of these wakings would interrupt the very thread that has more for the woken one to do.
void WakeWithoutInterrupting();

// Whoever works goes before this thread at once, and it still comes to its end.
void WorkWhenOthersDoNot();

}  // namespace shangda::rpc
