/* commands.h - the functions behind the rows of the command table, one file cli/<noun>_command.c
 * per noun. Each gets the arguments after its verb and returns an exit code (cli.h). */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int account_create_command(int argc, char **argv);
int account_disable_command(int argc, char **argv);
int account_enable_command(int argc, char **argv);
int account_list_command(int argc, char **argv);
int account_password_command(int argc, char **argv);
int account_role_command(int argc, char **argv);
int account_token_command(int argc, char **argv);
int contributor_add_command(int argc, char **argv);
int contributor_erase_command(int argc, char **argv);
int contributor_list_command(int argc, char **argv);
int contributor_revoke_command(int argc, char **argv);
int graph_influence_command(int argc, char **argv);
int label_close_command(int argc, char **argv);
int label_draw_command(int argc, char **argv);
int label_export_command(int argc, char **argv);
int label_import_command(int argc, char **argv);
int label_list_command(int argc, char **argv);
int label_report_command(int argc, char **argv);
int ledger_list_command(int argc, char **argv);
int ledger_verify_command(int argc, char **argv);
int workspace_backup_command(int argc, char **argv);
int workspace_backups_command(int argc, char **argv);
int workspace_check_command(int argc, char **argv);
int workspace_create_command(int argc, char **argv);
int workspace_list_command(int argc, char **argv);
int workspace_restore_command(int argc, char **argv);
int query_backtest_command(int argc, char **argv);
int query_check_command(int argc, char **argv);
int query_explain_command(int argc, char **argv);
int query_format_command(int argc, char **argv);
int query_import_command(int argc, char **argv);
int query_match_command(int argc, char **argv);
int query_needs_command(int argc, char **argv);
int risk_choose_command(int argc, char **argv);
int risk_simulate_command(int argc, char **argv);
int risk_schedule_command(int argc, char **argv);
int text_sentiment_command(int argc, char **argv);
int text_language_command(int argc, char **argv);
int text_tokens_command(int argc, char **argv);
int strategy_alternatives_command(int argc, char **argv);
int strategy_check_command(int argc, char **argv);
int strategy_evaluate_command(int argc, char **argv);
int strategy_export_command(int argc, char **argv);
int strategy_import_command(int argc, char **argv);
int strategy_replay_command(int argc, char **argv);
int strategy_show_command(int argc, char **argv);
int alert_add_command(int argc, char **argv);
int alert_change_command(int argc, char **argv);
int alert_list_command(int argc, char **argv);
int alert_on_command(int argc, char **argv);
int alert_off_command(int argc, char **argv);
int alert_test_command(int argc, char **argv);
int alert_raised_command(int argc, char **argv);
int alert_show_command(int argc, char **argv);
int alert_acknowledge_command(int argc, char **argv);
int series_spikes_command(int argc, char **argv);
int series_trends_command(int argc, char **argv);
int version_command(int argc, char **argv);
int serve_command(int argc, char **argv);

/* source_command.c */
int source_add_command(int argc, char **argv);
int source_list_command(int argc, char **argv);
int source_show_command(int argc, char **argv);
int source_on_command(int argc, char **argv);
int source_off_command(int argc, char **argv);
int source_remove_command(int argc, char **argv);
int source_poll_command(int argc, char **argv);
int source_import_opml_command(int argc, char **argv);
int source_export_opml_command(int argc, char **argv);

/* sample_command.c */
int sample_generate_command(int argc, char **argv);
int sample_run_command(int argc, char **argv);
int post_decode_command(int argc, char **argv);
int post_erase_command(int argc, char **argv);
int post_export_command(int argc, char **argv);
int post_import_command(int argc, char **argv);
int post_preview_command(int argc, char **argv);
int post_rematch_command(int argc, char **argv);
int view_list_command(int argc, char **argv);
int view_save_command(int argc, char **argv);
int view_change_command(int argc, char **argv);
int view_remove_command(int argc, char **argv);
int post_search_command(int argc, char **argv);

#endif
