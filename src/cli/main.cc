#include "cli/program.h"

int main(int argc, char** argv) { return ledge::RunProgram(ledge::PosixOs(), argc, argv); }
