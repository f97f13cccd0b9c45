/* commands.h - the functions behind the rows of the command table, one file cli/<noun>_command.c
 * per noun. Each gets the arguments after its verb and returns an exit code (cli.h). */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int risk_choose_command(int argc, char **argv);
int risk_simulate_command(int argc, char **argv);
int version_command(int argc, char **argv);
int serve_command(int argc, char **argv);

/* sample_command.c */
int sample_generate_command(int argc, char **argv);

#endif
