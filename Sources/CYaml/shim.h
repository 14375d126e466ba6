/* What Swift sees of libyaml, and of the auxiliary vector, which Swift's libc module leaves out. */
#include <sys/auxv.h>
#include <yaml.h>

/* 1 in a program that runs with more rights than its caller (setuid, setgid, file capabilities). */
static inline int kcr_process_is_secure(void) { return getauxval(AT_SECURE) != 0; }
