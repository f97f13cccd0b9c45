#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/log_flags.h"
#include "cli/options.h"
#include "listen/decode/decode.h"

static const struct cli_command commands[] = {
    {"serve", "", serve_command, "[flags]", "serve the pages and the API",
     "trimtab serve\ntrimtab serve --listen 0.0.0.0:8080 --data /var/lib/trimtab --https\n\n"
     "  --listen HOST:PORT   address, default 127.0.0.1:8080; port 0 takes a free one\n"
     "  --data DIR           data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"
     "  --threads N          1 to 64, default twice the processors\n"
     "  --https              a proxy in front speaks TLS: mark cookies Secure, send HSTS\n"
     "  --no-sources         pages only: feeds, streams, webhooks and folders wait\n"
     "  --allow-private-sources   read sources inside the network too, this machine included\n"
     "  --folder-root DIR    folders below DIR may be watched, not only inbox/ of a workspace\n"
     "  --poll-least S       shortest time between two polls of a source, default 60\n"
     "  --measure-every S    time between two evaluations of what arrived, default 20\n"
     "  --log-level L        debug (each request), info, warn or error; default "
     "$TRIMTAB_LOG_LEVEL\n"
     "                       or info\n"
     "  --log-json           events as JSON lines; default $TRIMTAB_LOG_JSON (0 or 1) or logfmt\n\n"
     "Events go to standard error (docs/events.md). Both flags work with every command.\n"},
    {"post", "decode", post_decode_command, "[--format F] FILES",
     "turn posts of any supported format into native JSON lines",
     "  trimtab post decode tweets.jsonl.gz | head -1\n"
     "  trimtab post decode --format csv --map text=Comment,created_at=Date survey.csv\n\n"
     "FILES may be gzip or zstd; - is standard input. Rows that cannot be read are named on\n"
     "standard error as file:line: reason, the exit code is then 3.\n\n"
     "  --format F     " DECODE_FORMAT_NAMES ";\n"
     "                 default: recognised\n"
     "  --map M        CSV: member=Column,... (id, text, title, created_at, author, likes, ...)\n"
     "                 (--mapping M is the same)\n"
     "  --source S     source of posts that name none\n"
     "  --dataset D    dataset of posts that name none\n"},
    {"post", "preview", post_preview_command, "[--map M] [--format F] [--json] FILE",
     "show what a file is taken for, before it is imported",
     "  trimtab post preview survey.csv\n"
     "  trimtab post preview --map text=Comment,created_at=Date survey.csv\n\n"
     "Of CSV: its columns, what each would fill, and the first values; of anything else its form\n"
     "and the first posts. A mapping that is said at an import is remembered by the workspace for\n"
     "files with the same heading.\n\n"
     "  --format F     auto (default), " DECODE_FORMAT_NAMES "\n"
     "  --map M        CSV: member=Column,... (id, text, title, created_at, author, likes, ...)\n"
     "                 (--mapping M is the same)\n"},
    {"post", "import", post_import_command, "[--workspace W] [--queries Q.tsv] [--format F] FILES",
     "import posts into a workspace: match, measure, store",
     "  trimtab post import --queries brands.tsv posts.jsonl.gz\n"
     "  zcat feed.jsonl.gz | trimtab post import --workspace acme -\n\n"
     "Posts that no standing query matches are counted, not kept. Killed at any moment, the same\n"
     "command goes on where it stopped. Prints the counts read, new, updated, duplicate, deleted,\n"
     "rejected, matched; exit code 3 when rows were rejected.\n\n"
     "  --workspace W  default 'default', which is made when absent\n"
     "  --data DIR     data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"
     "  --queries Q    adds or changes standing queries first; a line is: name TAB query\n"
     "  --format F, --map M, --source S, --dataset D   as for post decode\n"
     "  --threads N    1 to 64 workers, default one for each processor\n"
     "  --now T        time of this import, for posts without one; default: now\n"
     "  --json         the counts as one JSON object\n"
     "  -q, --quiet    no progress bar\n"},
    {"post", "search", post_search_command, "[--workspace W] [flags] QUERY",
     "find stored posts in the query language",
     "  trimtab post search '\"battery life\" AND NOT review' --limit 10\n"
     "  trimtab post search 'htc NEAR/4 camera' --facets --from 2013-01-01 --to 2013-07-01\n\n"
     "Prints native posts, one JSON object a line; how many there are goes to standard error.\n\n"
     "  --from T, --to T   window of created_at, the end not included\n"
     "  --order O          newest (default), oldest or relevant\n"
     "  --view V           a kept search (trimtab view list) instead of QUERY; its window and "
     "order\n"
     "                     hold where none is said; --owner LOGIN: a private one of this person\n"
     "  --stems            bare words also find their inflected forms, in the language of the "
     "post\n"
     "  --limit N          posts of a page, 1 to 1000, default 50\n"
     "  --cursor C         the next page, as named by the page before\n"
     "  --facets           counts by source, language, sentiment and day, as JSON\n"
     "  --count            only the number of posts, on standard output\n"
     "  --json             what goes to standard error as JSON; -q: nothing\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"post", "export", post_export_command, "[--workspace W] [flags] QUERY",
     "all posts that a query finds, however many",
     "  trimtab post export '@@brand AND lang:de' --format csv -o posts.csv\n"
     "  trimtab post export '@@brand' --format xlsx -o posts.xlsx\n"
     "  trimtab post export 'battery' --pseudonymous --no-text > study.jsonl\n\n"
     "Oldest first; memory does not grow with the posts. A file appears whole or not at all.\n\n"
     "  --format F         jsonl (default: native posts, one a line), csv, or xlsx: an Excel "
     "workbook\n"
     "  -o, --output FILE  default: standard output\n"
     "  --from T, --to T   window of created_at, the end not included\n"
     "  --stems            as for post search\n"
     "  --pseudonymous     authors and ids under keyed pseudonyms of the workspace, handles in\n"
     "                     texts replaced, names, addresses and unknown members left out;\n"
     "                     docs/search.md says what that protects from and what not\n"
     "  --no-text          without titles and texts\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"post", "erase", post_erase_command, "[--workspace W] [--source S] AUTHOR",
     "erase one author everywhere",
     "  trimtab post erase ann --source forum\n"
     "  trimtab post erase ann --source forum --yes --reason 'request of 2026-11-20'\n\n"
     "Without --yes it only says who that is and how many posts there are. AUTHOR is an id or a\n"
     "handle. Posts, their history and mentions go, the author's name goes from posts of others,\n"
     "evidence, spikes, alerts, trends, samples and rejected rows; files are rewritten so that\n"
     "nothing stays in freed space. Sums stay. Prints what was found and erased where, and which\n"
     "queries and saved views still name the author: those are for somebody to change.\n\n"
     "  --yes --reason R   erase; the ledger keeps reason and numbers, not the person\n"
     "  --source S         only the author of this source; default: of every source\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"post", "rematch", post_rematch_command, "[--workspace W] [--queries Q.tsv] [--reason R]",
     "match stored posts against the standing queries as they are now",
     "  trimtab post rematch --queries brands.tsv\n\n"
     "The archive keeps posts that some query matched; a new query finds what it shares with\n"
     "those. Measures are restated for all of history. Stopped (Ctrl C), months that were done\n"
     "stay done; call it again.\n\n"
     "  --reason R   for the ledger, which notes how many posts changed\n"
     "  --workspace W, --data DIR, --queries Q, --json   as for post import\n"},
    {"view", "list", view_list_command, "[--workspace W] [--owner LOGIN] [--json]",
     "searches that are kept by name",
     "  trimtab view list --workspace halden\n\n"
     "Number, name, owner, shared or private, window, order and query, separated by tabs.\n\n"
     "  --owner LOGIN  also the private ones of this person; default 'cli'\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"view", "save", view_save_command, "NAME [QUERY] [--within Q] [flags]",
     "keep a search, or change the one of that name",
     "  trimtab view save 'Angry in German' 'lang:de sentiment:negative' --days 7 --shared\n"
     "  trimtab view save launch --within brand --from 2026-03-01 --to 2026-04-01\n\n"
     "The view belongs to --owner and is private unless it is shared.\n\n"
     "  --within Q         within what this standing query matched\n"
     "  --days N           a window that moves: the last N days when it is opened\n"
     "  --from T, --to T   a window that stands, the end not included\n"
     "  --order O          newest (default), oldest or relevant\n"
     "  --stems            bare words also find their inflected forms\n"
     "  --shared, --private\n"
     "  --owner LOGIN      default 'cli'\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"view", "change", view_change_command, "VIEW [--name NEW] [--shared | --private]",
     "rename a view, share it or keep it private",
     "  trimtab view change launch --name 'Launch of the X2' --shared\n\n"
     "VIEW is a name or a number of view list.\n\n"
     "  --owner LOGIN, --workspace W, --data DIR   as for view save\n"},
    {"view", "remove", view_remove_command, "VIEW [--workspace W]", "remove a view",
     "  trimtab view remove launch\n\n"
     "VIEW is a name or a number of view list.\n\n"
     "  --owner LOGIN, --workspace W, --data DIR   as for view save\n"},
    {"source", "add", source_add_command,
     "NAME [ADDRESS] [--kind K] [--title T] [--expected I] [--workspace W]",
     "add a source of posts that serve reads",
     "  trimtab source add news https://example.org/feed.xml\n"
     "  trimtab source add town https://example.social/api/v1/timelines/public --kind mastodon\n"
     "  trimtab source add firehose --kind jetstream \\\n"
     "    'wss://jetstream1.us-east.bsky.network/subscribe?wantedCollections=app.bsky.feed.post'\n"
     "  trimtab source add crm --kind webhook --expected 1h\n"
     "  trimtab source add exports /srv/exports --kind folder --format csv\n\n"
     "NAME is 1 to 60 of a-z, 0-9 and hyphens.\n\n"
     "  --kind K         feed (default), mastodon, jetstream, webhook, folder\n"
     "  --address A      instead of the second word\n"
     "  --title T        for people\n"
     "  --format F       webhook, folder: format of the posts, as for post decode\n"
     "  --expected I     heard at least so often: 90s, 15m, 6h, 2d; 0 none; else a gap is noted\n"
     "  --retention N    days that its posts are kept, default 0: as long as the archive\n"
     "  --note N         on which ground it is read\n"
     "  --secret-stdin   reads its access token or key from standard input\n"
     "  --make-secret    makes a key and prints it once; webhooks always have one\n"
     "  --off            does not switch it on yet\n"
     "  --workspace W    default 'default'\n"
     "  --data DIR       data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"source", "list", source_list_command, "[--workspace W] [--json] [--data DIR]",
     "list the sources with their state",
     "  trimtab source list --workspace acme\n\n"
     "Prints name, kind, state, when it was last heard, new posts and address, separated by "
     "tabs.\n"},
    {"source", "show", source_show_command, "NAME [--workspace W] [--json] [--data DIR]",
     "show a source: settings, health, gaps", "  trimtab source show news\n"},
    {"source", "on", source_on_command, "NAME [--reason R] [--workspace W] [--data DIR]",
     "switch a source on",
     "  trimtab source on news\n"
     "  trimtab source on town --secret-stdin < token.txt\n"},
    {"source", "off", source_off_command, "NAME [--reason R] [--workspace W] [--data DIR]",
     "switch a source off; nothing is expected of it then",
     "  trimtab source off news --reason 'moved'\n"},
    {"source", "remove", source_remove_command, "NAME [--workspace W] [--data DIR]",
     "remove a source; its posts stay", "  trimtab source remove news\n"},
    {"source", "poll", source_poll_command,
     "NAME [--workspace W] [--json] [--allow-private] [--data DIR]",
     "look at a feed or timeline once, here and now",
     "  trimtab source poll news\n\n"
     "Prints the counts read, new, updated, duplicate, rejected, matched. Works beside serve.\n\n"
     "  --allow-private  addresses inside the network too\n"},
    {"source", "import-opml", source_import_opml_command,
     "FILE [--off] [--note N] [--workspace W] [--data DIR]", "add the feeds of an OPML list",
     "  trimtab source import-opml subscriptions.opml --off\n\n"
     "Names come from the titles. Feeds whose address is there already are passed over. Prints\n"
     "added, known and refused; exit code 3 when some were refused.\n"},
    {"source", "export-opml", source_export_opml_command, "[--workspace W] [--data DIR]",
     "write the feeds as an OPML list", "  trimtab source export-opml > subscriptions.opml\n"},
    {"alert", "add", alert_add_command,
     "NAME --query Q [--kind K] [--sensitivity S] [settings] [--workspace W]", "add an alert rule",
     "  trimtab alert add outage --query phone --kind hour --sensitivity low\n"
     "  trimtab alert add lead --query acme --kind share --against globex,initech\n"
     "  trimtab alert add mood --query acme --kind crossing --threshold 0 --period day\n"
     "  trimtab alert add silence --query acme --kind absence\n\n"
     "Kinds: poisson (default), spike (a record against its own history), hour (the last hour "
     "against 12),\n"
     "day (the last day against 14), sigma (mean + k standard deviations), growth,\n"
     "absence, share, crossing (net sentiment), forecast; see docs/alerts.md. The rule tells what\n"
     "comes from now on, with --stored of stored posts too; what it would have told shows trimtab\n"
     "alert test.\n\n"
     "  --query Q          standing query that is watched\n"
     "  --sensitivity S    low, medium (default) or high\n"
     "  --period P         hour, day or auto (default: as busy as the query is)\n"
     "  --floor N          fewer posts are no alert\n"
     "  --k N              sigma: standard deviations\n"
     "  --window N, --span N   periods compared with, and looked at together\n"
     "  --threshold X      absence, share, crossing, forecast: see docs/alerts.md\n"
     "  --direction D      share, crossing: fall (default), rise or either\n"
     "  --against Q,Q      share: the queries of the competitors\n"
     "  --persistence N    periods in a row before it is told\n"
     "  --cool-down N      calm periods until an event is over\n"
     "  --severity N       tell only what is so severe, 1 to 10\n"
     "  --stored           raise alerts of stored posts as well, at once\n"
     "  --title T, --off, --json, --workspace W, --data DIR\n"},
    {"alert", "change", alert_change_command, "NAME [settings] [--reason R] [--workspace W]",
     "change an alert rule; it is a new version, armed from now on",
     "  trimtab alert change outage --sensitivity high --floor 20\n"
     "  trimtab alert change outage --floor default\n\n"
     "Takes the flags of trimtab alert add; 'default' takes a number back.\n"},
    {"alert", "list", alert_list_command, "[--workspace W] [--json] [--data DIR]",
     "list the alert rules",
     "  trimtab alert list\n\n"
     "Prints name, on or off, kind, query, period, sensitivity, open alerts and title, separated\n"
     "by tabs.\n"},
    {"alert", "on", alert_on_command, "NAME [--reason R] [--workspace W] [--data DIR]",
     "switch an alert rule on; it is armed from now on", "  trimtab alert on outage\n"},
    {"alert", "off", alert_off_command, "NAME [--reason R] [--workspace W] [--data DIR]",
     "switch an alert rule off", "  trimtab alert off outage --reason 'too loud'\n"},
    {"alert", "test", alert_test_command,
     "[NAME] [--query Q --kind K] [settings] [--incidents FILE.csv] [--from T] [--to T]",
     "show what a rule would have raised on stored data",
     "  trimtab alert test outage --incidents recalls.csv\n"
     "  trimtab alert test outage --sensitivity high\n"
     "  trimtab alert test --query phone --kind poisson --floor 20 --json\n\n"
     "A stored rule, with flags over it, or a rule of flags alone; nothing is stored. Prints an\n"
     "alert a row: start, when it would have been told, severity, observed, expected, cause, the\n"
     "incident it belongs to; sums go to standard error: alerts a week with their interval,\n"
     "precision, recall and delay.\n\n"
     "  --incidents F    CSV start,end,name: windows in which something really happened\n"
     "  --from T, --to T only alerts that start between\n"
     "  --periods        instead a period a row: start, observed, expected, upper mark, score\n"
     "  --json           all of it as one JSON object\n"},
    {"alert", "raised", alert_raised_command,
     "[--open] [--rule NAME] [--limit N] [--json] [--workspace W] [--data DIR]",
     "list the alerts that were raised, the newest first",
     "  trimtab alert raised --open\n\n"
     "Prints number, state, rule, start, when it was told, severity, observed, expected, cause "
     "and\n"
     "whether it goes on, separated by tabs.\n"},
    {"alert", "show", alert_show_command, "ID [--json] [--workspace W] [--data DIR]",
     "explain an alert",
     "  trimtab alert show 3\n\n"
     "Terms, authors, sources and moods with their number, their share of the mentions in the\n"
     "event and before, and the lift; posts with most engagement; the nearest earlier event.\n"},
    {"alert", "acknowledge", alert_acknowledge_command,
     "ID [--note N] [--workspace W] [--data DIR]", "say that an alert was seen",
     "  trimtab alert acknowledge 3 --note 'known: maintenance'\n"},
    {"query", "backtest", query_backtest_command,
     "[--workspace W] [--from T] [--to T] [--incidents FILE.csv] QUERY",
     "show what a query would have raised on stored posts",
     "  trimtab query backtest 'battery AND (dead OR hot)' --incidents recalls.csv\n"
     "  trimtab query backtest @@phone --from 2026-01-01 --json\n\n"
     "Prints an alert a row: start, when it would have been told, severity, observed, expected, "
     "the\n"
     "incident it belongs to; sums go to standard error: hits, alerts a week with their interval,\n"
     "precision, recall and delay. A standing query gives the alerts that were found. The archive\n"
     "keeps what some standing query matched: a query about something else finds less here.\n\n"
     "  --incidents F    CSV start,end,name: windows in which something really happened\n"
     "  --from T, --to T only alerts that start between; what lies before warms up the detector\n"
     "  --period P       auto (default: as the query would be watched), hour or day\n"
     "  --severity N     only alerts of at least N, 1 to 10\n"
     "  --periods        a row for each period instead: start, hits\n"
     "  --json           one JSON object with periods, alerts and incidents\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"query", "check", query_check_command, "Q.tsv [--json] [-q]",
     "name every problem of the queries in a file",
     "  trimtab query check brands.tsv\n\n"
     "Q.tsv holds `id TAB query`, one a line; # lines and empty lines are passed over; - is "
     "standard\n"
     "input. Prints line:column: severity: message (fix: ...). Exit code 3 when a query is "
     "refused.\n\n"
     "  --json         one JSON object a problem, with the edit that corrects it\n"
     "  -q, --quiet    without notes\n"},
    {"query", "explain", query_explain_command, "QUERY POSTS... [--format F] [--json]",
     "show which part of a query matched where in each post",
     "  trimtab query explain 'late AND NOT train' posts.jsonl\n\n"
     "Prints for each post: ordinal, match or no match; then a row for each part that holds:\n"
     "ordinal, title | text | member, from byte, to byte, part; or the parts that are missing or\n"
     "excluded.\n\n"
     "  --format F     auto (default), " DECODE_FORMAT_NAMES "\n"
     "  --map M        as for query match\n"
     "  --json         one JSON object a post\n"},
    {"query", "format", query_format_command, "[QUERY] [--width N] [--json]",
     "print the canonical layout of a query",
     "  trimtab query format 'late flight -train'\n"
     "  trimtab query format < query.txt\n\n"
     "  --width N      columns of a line before it is broken, default 100\n"
     "  --json         {\"query\": ...}\n"},
    {"query", "import", query_import_command, "--dialect D FILE [--json]",
     "translate a query of Brandwatch, Meltwater or Talkwalker, with its losses",
     "  trimtab query import --dialect brandwatch brand.txt\n"
     "  echo 'apple NEAR watch' | trimtab query import --dialect meltwater -\n\n"
     "FILE holds one query over any number of lines; - is standard input. Prints the query in our\n"
     "language; what was left out or means only nearly the same goes to standard error as\n"
     "line:column: lost | approximate: message. Exit code 3 when something was left out.\n\n"
     "  --dialect D    brandwatch, meltwater or talkwalker\n"
     "  --json         one JSON object with query, counts and losses\n"},
    {"query", "match", query_match_command,
     "--queries Q.tsv [--threads N] [--count] [--format F] POSTS...",
     "match posts against standing queries",
     "  trimtab query match --queries brands.tsv posts.jsonl.gz\n"
     "  feed | trimtab query match --queries brands.tsv --threads 2 -\n\n"
     "Q.tsv holds `id TAB query`, one a line. Prints `ordinal TAB id`: the ordinal counts all "
     "posts\n"
     "from 0 over all files, in their order; ids in the order of Q.tsv. Rows and queries that "
     "cannot\n"
     "be read are named on standard error as file:line: reason, exit code 3.\n\n"
     "  --threads N    default 1; the output is the same for any number\n"
     "  --count        no pairs; one JSON line with counts and speed on standard error\n"
     "  --format F     auto (default), " DECODE_FORMAT_NAMES "\n"
     "  --map M        csv: text=Full Text,created_at=Date (--mapping M is the same)\n"
     "  --json         one JSON object a match\n"},
    {"query", "needs", query_needs_command, "[--workspace W] [--from T] [--to T] [--json] NAME",
     "tell what the mentions of a standing query complain about and wish for",
     "  trimtab query needs phone --workspace halden\n"
     "  trimtab query needs phone --from 2026-01-01 --json\n\n"
     "Prints a term a row: complaint or wish, term, posts with it, complaints (wishes) in all, "
     "other\n"
     "posts with it, other posts in all, lift and its 95 % interval. Copies count once; the "
     "window,\n"
     "coverage and sample go to standard error.\n\n"
     "  --from T, --to T default: the last 60 days up to the last stored post\n"
     "  --json           one JSON object with definitions and, per term, a search for its posts\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"strategy", "import", strategy_import_command, "FILE [--workspace W] [--merge | --replace]",
     "read a strategy document into a workspace",
     "  trimtab strategy import samples/halden/strategy.json --workspace halden\n\n"
     "FILE is a strategy document (docs/strategy-document.md); - is standard input. Faults are\n"
     "named as file:line:column: path: message, then nothing is stored.\n\n"
     "  --workspace W      default 'default'; it has to exist\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"
     "  --merge            objects of the same id are replaced, others stay; ratings that people\n"
     "                     confirmed stay unless the document carries its own\n"
     "  --replace          objects that the document does not name are removed\n"
     "  --dry-run          only read and check the document\n"
     "  --actor NAME       who imports, for the ledger\n"
     "  --reason TEXT      why, for the ledger\n"},
    {"strategy", "export", strategy_export_command, "[--workspace W]",
     "write a workspace's strategy as one document",
     "  trimtab strategy export --workspace halden > strategy.json\n\n"
     "  --workspace W, --data DIR   as for strategy import\n"},
    {"strategy", "check", strategy_check_command, "[FILE | --workspace W]",
     "check a strategy's structure, like a compiler",
     "  trimtab strategy check strategy.json --today 2027-01-15\n"
     "  trimtab strategy check --workspace halden --lang de --json\n\n"
     "Prints one finding a line: rule, severity, place, message, fix. Exit code 1 when there is "
     "an\n"
     "error among them.\n\n"
     "  --version ID    only this version beside what all share\n"
     "  --today D       YYYY-MM-DD: also looks at dates that are over\n"
     "  --lang L        en or de\n"
     "  --json          one JSON object\n"
     "  -q, --quiet     no sums on standard error\n"},
    {"strategy", "alternatives", strategy_alternatives_command, "[FILE | --workspace W]",
     "find strategy versions with different focus",
     "  trimtab strategy alternatives strategy.json\n"
     "  trimtab strategy alternatives --workspace halden --focus benefit,lean --store\n\n"
     "Exact: each focus's optimum under limits, requirements, exclusions and goal coverage, at a\n"
     "distance from the versions before, with a reason for every option.\n\n"
     "  --focus A,B     of those that `trimtab strategy show focuses` lists\n"
     "  --seconds S     for each focus, default 10\n"
     "  --store         keep the versions in the workspace\n"
     "  --lang L        en or de\n"
     "  --json          one JSON array\n"},
    {"strategy", "evaluate", strategy_evaluate_command, "[FILE | --workspace W]",
     "evaluate and simulate versions side by side",
     "  trimtab strategy evaluate strategy.json --trials 100000 --threads 2\n\n"
     "A document without versions is evaluated with the alternatives found in it.\n\n"
     "  --trials N      default 20000\n"
     "  --seed S        default 20260101\n"
     "  --threads T     default 1; changes the time, never the result\n"
     "  --lang L        en or de\n"
     "  --json          the whole decision paper as JSON\n"},
    {"strategy", "replay", strategy_replay_command, "[DECISION] [--workspace W] [--json]",
     "prove a decision's result again, or name what changed since",
     "  trimtab strategy replay --workspace halden\n"
     "  trimtab strategy replay 3 --workspace halden --json\n\n"
     "Runs the simulation of a decision, by its number or the one in force, again: from the\n"
     "strategy as it was frozen, with the stored seed and trials. Prints the hashes and the\n"
     "versions of the program, then what is different today: first the inputs of the version\n"
     "that was adopted, field by field with before and now, then everything else.\n\n"
     "  --threads T     default 1; changes the time, never the result\n"
     "  --json          the same as one JSON object (docs/risk.md)\n"
     "  --workspace W, --data DIR   as for strategy import\n\n"
     "Exit code 0: proven, and the inputs are still the same; 1: proven, but inputs changed\n"
     "since; 3: not proven, the first differing member is named.\n"},
    {"strategy", "show", strategy_show_command,
     "potentials | benefits | focuses | rules | gates [FILE | --workspace W]",
     "show what the method says, or the gates of a strategy",
     "  trimtab strategy show potentials --lang de\n"
     "  trimtab strategy show gates --workspace halden\n\n"
     "One entry a line, columns separated by tabs.\n"},
    {"graph", "influence", graph_influence_command,
     "EDGES.csv [--undirected] | --workspace W --query Q [--days N]   [--json] [--gexf FILE]",
     "rank a network: who is listened to, and in which community",
     "  trimtab graph influence edges.csv | head\n"
     "  trimtab graph influence friends.csv.gz --undirected --gexf friends.gexf > ranks.tsv\n"
     "  trimtab graph influence --workspace halden --query returns --gexf returns.gexf\n\n"
     "EDGES.csv has the heading source,target or source,target,weight; an edge says that source\n"
     "listens to target; - is standard input. Prints name, rank and community, separated by tabs,\n"
     "highest rank first. Ranks are PageRank with damping 0.85 and sum to 1; communities are\n"
     "numbered from 1, the largest.\n\n"
     "With --query the edges come from the stored posts that it matched: an author who answers,\n"
     "passes on or names another one listens to him. Further columns: listeners, posts, reach,\n"
     "resonance, relevance; empty where no source can tell.\n\n"
     "  --undirected       an edge counts both ways\n"
     "  --workspace W      with --query: where the posts are\n"
     "  --query Q          name or number of a standing query\n"
     "  --days N           window up to the last stored post, default 90; 0: all\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"
     "  --json             one JSON object a line\n"
     "  --gexf FILE        the graph with ranks and communities as GEXF 1.3 too\n\n"
     "Rejected rows (a missing or empty name, a weight that is not 1e-9 to 1e12) are named on\n"
     "standard error as file:line: reason, and the command ends with 3.\n"},
    {"risk", "choose", risk_choose_command,
     "MODEL.json [--seconds S] [--threads N] [--alternatives K] [--distance D]",
     "choose the best set of options under budgets and conditions",
     "  trimtab risk choose model.json --alternatives 3\n"
     "  generate-model | trimtab risk choose - --seconds 30\n\n"
     "MODEL.json holds options (id, value, cost, requires, excludes, must, must_not, goals),\n"
     "limits and cover; - is standard input. Prints one JSON object.\n\n"
     "  --seconds S        limit of the search, default 10; the best so far is then the answer\n"
     "  --threads N        of the solver, default 1\n"
     "  --alternatives K   up to K further answers, best first\n"
     "  --distance D       0 to 1, default 0.3: each answer differs from every earlier one in at\n"
     "                     least D x the larger number of chosen options\n"
     "  --json             JSON is the only form there is\n"
     "  -q, --quiet        no line with size and time on standard error\n"},
    {"risk", "simulate", risk_simulate_command,
     "MODEL.json [--trials N] [--seed S] [--threads T] [--method lhs|sobol|plain]",
     "simulate the net benefit of options and versions",
     "  trimtab risk simulate model.json --trials 1000000 --seed 7\n\n"
     "MODEL.json holds months, discount, options, assumptions, drivers, correlations, versions\n"
     "and goals; - is standard input. Prints one JSON object, the same bytes for the same model,\n"
     "trials, seed and method, whatever the number of threads.\n\n"
     "  --trials N         default 100000\n"
     "  --seed S           default 1\n"
     "  --threads T        default: as many as there are processors\n"
     "  --method M         lhs (Latin hypercube, default), sobol or plain\n"
     "  --json             JSON is the only form there is\n"
     "  -q, --quiet        no line with size and time on standard error\n"},
    {"risk", "schedule", risk_schedule_command, "MODEL.json [--schedules N] [--seed S]",
     "say when to do what, with resources that are scarce",
     "  trimtab risk schedule project.json\n"
     "  generate-project | trimtab risk schedule - --schedules 200000\n\n"
     "MODEL.json holds tasks (id, duration, release, deadline, after, uses) and resources, whose\n"
     "capacity may vary by period; - is standard input. Prints one JSON object: the start of "
     "every\n"
     "task for the least makespan found, a bound that none can beat and the gap between them, or\n"
     "why there is no schedule. The same bytes for the same model, schedules and seed, in "
     "whatever\n"
     "order the tasks stand.\n\n"
     "  --schedules N      how many to generate at most, default 20000\n"
     "  --seed S           default 1\n"
     "  --json             JSON is the only form there is\n"
     "  -q, --quiet        no line with size, outcome and time on standard error\n"},
    {"sample", "run", sample_run_command,
     "[--once] [--posts FILE] [--data DIR] [--listen HOST:PORT] [--threads N] [--seed N] "
     "[--days N]",
     "go the whole way once with a sample company, then serve it",
     "trimtab sample run                      Halden, a scripted market; then "
     "http://127.0.0.1:8080\n"
     "trimtab sample run --once               the way with its figures, in a folder of its own; "
     "then stop\n"
     "trimtab sample run --posts posts.jsonl.gz   a handset maker of 2013 on real posts\n\n"
     "  --once               stop instead of serving; without --data a temporary folder is used\n"
     "  --data DIR           data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"
     "  --listen HOST:PORT   default 127.0.0.1:8080\n"
     "  --threads N          of import and simulation, default one for each processor\n"
     "  --seed N             of the scripted market, default 2026\n"
     "  --days N             only N of its days around the decision, for a quick look\n\n"
     "A run that fails or is interrupted takes back what it made; one that was killed is made\n"
     "anew by the next. Accounts that are there keep their passwords.\n"},
    {"sample", "generate", sample_generate_command,
     "[--script FILE] [--seed N] [--days N] DIRECTORY",
     "write the posts of a scripted market, and the truth beside them",
     "  trimtab sample generate /tmp/halden\n"
     "  trimtab sample generate --script samples/halden/market.json --seed 7 /tmp/halden\n\n"
     "Writes posts.jsonl (before the decision day), after-DATE.jsonl, truth.tsv and truth.json; "
     "the "
     "same\n"
     "bytes for the same script and seed (default: Halden's script, seed 2026).\n"
     "--days N keeps N days around the decision, as many before and after it in proportion.\n"},
    {"workspace", "create", workspace_create_command, "SLUG [NAME] [--data DIR]",
     "make a workspace: one company's data",
     "  trimtab workspace create halden 'Halden handsets'\n\n"
     "SLUG is 1 to 63 of a-z, 0-9 and single hyphens. A creation that was killed half way is\n"
     "completed by repeating it.\n\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"workspace", "backup", workspace_backup_command, "SLUG [FOLDER] [--reason R] [--data DIR]",
     "copy a workspace while it is in use",
     "  trimtab workspace backup halden /backup/halden-2026-11-22\n"
     "  trimtab workspace backup halden --reason 'before the update'\n\n"
     "FOLDER must not exist and appears whole or not at all. Without it the backup is one of "
     "those\n"
     "that the page Data lists, in DATA/backups/SLUG. Keys of sources are not copied.\n\n"
     "  --reason R         for the ledger, which notes backups without FOLDER\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"workspace", "backups", workspace_backups_command, "SLUG [--json] [--data DIR]",
     "the backups in DATA/backups/SLUG, the newest first",
     "  trimtab workspace backups halden\n\n"
     "Prints name, files, bytes and folder, separated by tabs.\n\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"workspace", "check", workspace_check_command, "FOLDER | --workspace W [--data DIR]",
     "read a backup or a workspace through: files, pages, the chain of the ledger",
     "  trimtab workspace check /backup/halden-2026-11-22\n"
     "  trimtab workspace check --workspace halden\n\n"
     "A backup is checked up to its first fault; of a workspace, which may be in use, every "
     "finding\n"
     "is printed with its file.\n\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"workspace", "restore", workspace_restore_command,
     "FOLDER SLUG [NAME] --reason R [--data DIR]",
     "a new workspace from a backup that is checked first",
     "  trimtab workspace restore /backup/halden-2026-11-22 halden 'Halden handsets' \\\n"
     "      --reason 'disk failed'\n\n"
     "Refused where SLUG exists. Accounts get their roles for it again.\n\n"
     "  --reason R         the ledgers keep it\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"workspace", "list", workspace_list_command, "[--json] [--data DIR]", "list the workspaces",
     "  trimtab workspace list\n\n"
     "Prints short name, day of creation and name, separated by tabs.\n"},
    {"account", "create", account_create_command,
     "LOGIN [--name NAME] [--admin] [--workspace W --role R] [--password-stdin]",
     "make an account; prints its password",
     "  trimtab account create ann --name 'Ann Lee' --workspace halden --role strategist\n"
     "  trimtab account create root2 --admin --password-stdin < password.txt\n\n"
     "  --admin            system administrator: makes accounts and workspaces\n"
     "  --role R           admin strategist management department agent reviewer viewer\n"
     "  --password-stdin   reads the password from standard input instead of making one\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"account", "list", account_list_command, "[--json] [--data DIR]",
     "list the accounts and their roles",
     "  trimtab account list\n\n"
     "Prints login, state, name and roles (workspace=role), separated by tabs.\n"},
    {"account", "password", account_password_command, "LOGIN [--password-stdin] [--data DIR]",
     "give a new password; ends the account's sessions",
     "  trimtab account password ann\n"
     "  trimtab account password ann --password-stdin < password.txt\n"},
    {"account", "role", account_role_command, "LOGIN --workspace W --role R [--data DIR]",
     "set the role of an account in a workspace",
     "  trimtab account role ann --workspace halden --role management\n"
     "  trimtab account role ann --workspace halden --role none\n"},
    {"account", "disable", account_disable_command, "LOGIN [--data DIR]",
     "lock an account out; ends its sessions and tokens", "  trimtab account disable ann\n"},
    {"account", "enable", account_enable_command, "LOGIN [--data DIR]", "let an account in again",
     "  trimtab account enable ann\n"},
    {"account", "token", account_token_command,
     "create|list|revoke LOGIN [--name NAME] [--scopes LIST] [--workspace W] [--days N]",
     "make, list and revoke the keys of programs that call the API",
     "  trimtab account token create ann --name 'nightly import' --scopes read,import --days 90\n"
     "  trimtab account token list ann\n"
     "  trimtab account token revoke ann --name 'nightly import'\n\n"
     "A new token is printed once and kept only as a hash. It may do what its scopes and the\n"
     "account's role allow; sent as 'Authorization: Bearer TOKEN'. The list shows name, scopes,\n"
     "workspace (* all of the account's), day of expiry and of the last use.\n\n"
     "  --name NAME        what uses it; one of a kind for the account\n"
     "  --scopes LIST      read, import, write with commas; default read\n"
     "  --workspace W      only this workspace\n"
     "  --days N           expires after N days, 1 to 3650; default never\n"
     "  --json             the list as JSON lines\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"contributor", "add", contributor_add_command,
     "NAME --agreement FILE [--side S] [--objects LIST] [--rights LIST] [--days N]",
     "invite somebody from outside; prints the link, once",
     "  trimtab contributor add 'Ann Lee' --side customer --agreement agreement.txt \\\n"
     "    --objects version:help-first,topic:returns --rights comment,vote --days 14\n\n"
     "Prints the path of the link, to be put behind the address of the server. The person needs "
     "no\n"
     "account, signs the agreement first, and sees the named objects and nothing else.\n\n"
     "  --agreement FILE   text that has to be signed first, at most 16 KiB\n"
     "  --side S           customer (default), partner, influencer or advisory_board\n"
     "  --objects LIST     version:ID, topic:ID, option:ID with commas\n"
     "  --rights LIST      comment, vote, propose with commas; default all three\n"
     "  --days N           the link ends after N days, 1 to 366, default 30\n"
     "  --organisation O   where the person comes from\n"
     "  --contact C        how to reach the person\n"
     "  --now T            when the invitation is made, default now\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"contributor", "list", contributor_list_command, "[--json] [--workspace W] [--data DIR]",
     "list who was invited, newest first",
     "  trimtab contributor list\n\n"
     "Prints number, name, side, state (unsigned, open, expired, revoked, erased), last day, "
     "rights\n"
     "and objects, separated by tabs.\n\n"
     "  --json             as JSON lines\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"contributor", "revoke", contributor_revoke_command, "NUMBER [--reason TEXT]",
     "withdraw a link; contributions stay",
     "  trimtab contributor revoke 3 --reason 'left the company'\n\n"
     "  --reason TEXT      kept in the ledger for ever: without names\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"contributor", "erase", contributor_erase_command, "NUMBER [--reason TEXT]",
     "erase a person for good: name, contact, signature, texts",
     "  trimtab contributor erase 3 --reason 'request of 20 November'\n\n"
     "The link opens no more. Votes and answers stay as facts without a name.\n\n"
     "  --reason TEXT      kept in the ledger for ever: without names\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"label", "draw", label_draw_command, "QUERY [--count N] [--design D] [--from T] [--to T]",
     "draw mentions of a query for people to judge",
     "  trimtab label draw returns --count 200\n"
     "  trimtab label draw returns --design stratified --from 2026-10-01 --to 2026-11-01\n\n"
     "Prints the number of the round. Uniform: every mention of the window has the same chance.\n"
     "Stratified: as many of each mood the machine sees, for rare ones; weights make up for it.\n\n"
     "  --count N          posts, 1 to 2000, default 200\n"
     "  --design D         uniform (default) or stratified\n"
     "  --from T, --to T   window of created_at, default all that is stored\n"
     "  --seed N           the same seed draws the same posts; default: the time\n"
     "  --as NAME          who draws, default cli\n"
     "  --now T            of the draw, default now\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"label", "list", label_list_command, "[QUERY] [--json]", "list the rounds, newest first",
     "  trimtab label list\n\n"
     "Prints number, query, design, posts judged, posts drawn, state, first and last day,\n"
     "separated by tabs.\n\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"label", "export", label_export_command, "ROUND [--as NAME]",
     "write a round as CSV, to be labelled in a spreadsheet",
     "  trimtab label export 1 > round-1.csv\n\n"
     "The last column, label, is to be filled with negative, neutral, positive, off-topic or\n"
     "unsure. What the machine says is not in the table.\n\n"
     "  --as NAME          with the labels that this person gave\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"label", "import", label_import_command, "ROUND FILE.csv --as NAME",
     "read the labels of one person back",
     "  trimtab label import 1 round-1-ann.csv --as ann\n\n"
     "Needs the columns post (or source and id) and label; - is standard input. Rows without a\n"
     "label are passed over, rows that cannot be used are named as file:line: reason, the exit\n"
     "code is then 3.\n\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"label", "close", label_close_command, "ROUND --as NAME",
     "close a round: its labels stay as they are", "  trimtab label close 1 --as ann\n"},
    {"label", "report", label_report_command, "QUERY [--from T] [--to T] [--json]",
     "say how good the machine's moods are, and correct its shares",
     "  trimtab label report returns\n"
     "  trimtab label report returns --from 2026-10-01 --to 2026-11-01 --json\n\n"
     "Confusion matrix, accuracy, recall and precision with 95 % intervals, agreement of people;\n"
     "then the shares of moods in the window as counted and as corrected (docs/labelling.md).\n\n"
     "  --from T, --to T   window whose shares are corrected, default all that is stored\n"
     "  --workspace W, --data DIR   as for post import\n"},
    {"ledger", "verify", ledger_verify_command,
     "[--workspace W] [--head SEQ:HASH] [--json] [-q] [--data DIR]",
     "check the hash chain of the ledgers",
     "  trimtab ledger verify\n"
     "  trimtab ledger verify --workspace halden --head 12:9f86d081884c7d65...\n\n"
     "Without --workspace: the system's ledger and every workspace's. Exit code 1 when a chain is\n"
     "not sound; the first bad entry and what is wrong with it are printed.\n\n"
     "  --workspace W      one ledger; 'system' is that of accounts and workspaces\n"
     "  --head SEQ:HASH    a head noted earlier (on a decision paper): it must be in the chain\n"
     "  --json             one JSON object a ledger\n"
     "  -q, --quiet        prints only what is not sound\n"
     "  --data DIR         data directory, default $TRIMTAB_DATA or ~/.local/share/trimtab\n"},
    {"ledger", "list", ledger_list_command,
     "[--workspace W] [--actor A] [--action PREFIX] [--object KIND[:ID]] [--from T] [--to T]",
     "list entries of a ledger, newest first",
     "  trimtab ledger list --workspace halden --object topic:T7\n"
     "  trimtab ledger list --action version. --from 2026-11-01 --json\n\n"
     "Prints number, time, actor, action, object kind, object id and reason, separated by tabs.\n\n"
     "  --workspace W      default 'system', the ledger of accounts and workspaces\n"
     "  --limit N          entries, default 100, at most 10000\n"
     "  --before SEQ       goes on from an earlier page\n"
     "  --json             one JSON object a line, with the states before and after\n"},
    {"text", "sentiment", text_sentiment_command, "[--lang CODE] [--json] [--explain] [FILE...]",
     "polarity of each line of text",
     "  printf 'What a great day :)\\n' | trimtab text sentiment\n"
     "  trimtab text sentiment --lang de posts.txt\n\n"
     "One text a line in, compound (-1 to 1) TAB label (negative, neutral, positive) out. FILE "
     "may\n"
     "be packed with gzip or zstd; none, or -, is standard input. A line that is not UTF-8 is "
     "named\n"
     "on standard error and answered by an empty line; the exit code is then 3.\n\n"
     "  --lang CODE   the language of all texts, ISO 639; default auto: identified for each text.\n"
     "                ar de en es fr hi it pt have learned words, en and de rules too, other\n"
     "                languages a small lexicon, any other only emoji and emoticons\n"
     "  --json        an object a line: compound, label, language, basis, hits\n"
     "  --explain     with reasons: the parts of the text that made the label, strongest first\n"
     "  -q, --quiet   no note on standard error\n"},
    {"text", "language", text_language_command, "[--json] [FILE...]",
     "language of each line of text",
     "  printf 'Guten Morgen zusammen\\n' | trimtab text language\n\n"
     "One text a line in, ISO 639-1 code TAB confidence (0 to 1) out; und when unsure.\n\n"
     "  --json   an object a line: language, confidence\n"},
    {"text", "tokens", text_tokens_command, "[--json] [FILE...]", "tokens of each line of text",
     "  printf 'Late again, #DeltaFail @delta\\n' | trimtab text tokens\n\n"
     "One text a line in, its tokens separated by one blank out, folded as queries see them.\n\n"
     "  --json   an array a line: token, plain (without accents, where it differs), kind, from, "
     "to\n"
     "           (bytes), position, sentence\n"},
    {"series", "spikes", series_spikes_command, "FILE.csv [--floor N] [--rises] [--json]",
     "score how unusual each value of a series is, as it arrives",
     "  trimtab series spikes mentions.csv\n"
     "  tail -f mentions.csv | trimtab series spikes - --floor 20\n\n"
     "The file has the heading timestamp,value and times that rise; - is standard input. Prints\n"
     "timestamp,value,score,alert: score 0 to 1 from this row and earlier ones only, alert 0 or "
     "1.\n"
     "A row whose time does not rise is noted and scored as the next one: recorded series repeat\n"
     "times when clocks are set back, and every value has its row.\n\n"
     "  --floor N   a rise of a count is no alert below N\n"
     "  --rises     drops start no alert\n"
     "  --json      one JSON object a row\n"},
    {"series", "trends", series_trends_command,
     "POSTS... [--score N] [--floor N] [--copies] [--format F] [--json]",
     "find what is suddenly talked about, without naming terms first",
     "  trimtab series trends posts.jsonl\n"
     "  tail -f posts.jsonl | trimtab series trends - --json\n\n"
     "Posts in time order, any supported format. At the end of every ten minutes prints the "
     "trends\n"
     "that began or rose further: start of the window TAB score TAB terms TAB ids of posts, terms\n"
     "with a comma between, ids with a blank. The score is the power of ten of the odds against\n"
     "chance. Posts without a time, or more than four hours late, are rejected rows.\n\n"
     "  --score N   tell trends from this score on (8)\n"
     "  --floor N   fewer posts within four hours are no trend (5)\n"
     "  --copies    count near-duplicates of earlier posts like others\n"
     "  --format F  what the files are, instead of recognising it\n"
     "  --json      one JSON object a trend, with from, to, stories, expected, new\n"},
    {"version", "", version_command, "", "print the program's version", "trimtab version\n"},
};

int version_command(int argc, char **argv)
{
    struct err err = {0};

    if (!cli_options_read("version", NULL, 0, argc, argv, &err))
        return cli_report("version", &err);
    puts("trimtab " TRIMTAB_VERSION);
    return CLI_OK;
}

int cli_report(const char *command, const struct err *err)
{
    bool is_absent = err->code == ERR_NOT_FOUND; /* the request names what is not there */

    if (err->code == ERR_NONE)
        return CLI_OK;
    fprintf(stderr, "trimtab %s: %s\n", command, err->msg);
    if (err->hint[0] != '\0')
        fprintf(stderr, "  hint: %s\n", err->hint);
    return is_absent || err->code == ERR_USAGE || err->code == ERR_INPUT ? CLI_USAGE : CLI_FAILURE;
}

bool cli_next(struct cli_args *args)
{
    if (args->at >= args->count)
        return false;
    args->current = str_from_cstr(args->values[args->at++]);
    if (!args->is_past_flags && str_eq(args->current, S("--"))) {
        args->is_past_flags = true;
        return cli_next(args);
    }
    return true;
}

bool cli_is_flag(const struct cli_args *args)
{
    return !args->is_past_flags && args->current.len > 1 && args->current.ptr[0] == '-';
}

bool cli_flag(struct cli_args *args, const char *name)
{
    return cli_is_flag(args) && str_eq(args->current, str_from_cstr(name));
}

bool cli_value(struct cli_args *args, const char *name, Str *value)
{
    Str flag, inline_value;

    if (!cli_is_flag(args))
        return false;
    bool has_inline = str_cut(args->current, '=', &flag, &inline_value);
    if (!str_eq(flag, str_from_cstr(name)))
        return false;
    if (has_inline)
        *value = inline_value;
    else if (args->at < args->count)
        *value = str_from_cstr(args->values[args->at++]);
    else
        args->missing_value = name;
    return true;
}

/* All commands, or those of one noun. */
static void print_overview(FILE *out, const char *noun)
{
    fprintf(out, "usage: trimtab %s VERB [flags] [arguments]\n\n", noun ? noun : "NOUN");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (!noun || strcmp(commands[i].noun, noun) == 0)
            fprintf(out, "  trimtab %-9s %-12s %s\n", commands[i].noun, commands[i].verb,
                    commands[i].summary);
    fprintf(out,
            "\ntrimtab %s VERB --help shows examples and flags.\n"
            "Every command takes --log-level debug|info|warn|error and --log-json.\n",
            noun ? noun : "NOUN");
}

static bool is_noun(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i].noun, text) == 0)
            return true;
    return false;
}

static bool is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0 || strcmp(text, "help") == 0;
}

/* No command is named: the overview, of the noun where there is one. */
static int no_command(int argc, char **argv)
{
    const char *noun = argc > 1 && is_noun(argv[1]) ? argv[1] : NULL;

    if ((argc == 2 && is_help(argv[1])) || (noun && argc > 2 && is_help(argv[2]))) {
        print_overview(stdout, noun);
        return CLI_OK;
    }
    if (noun && argc == 2)
        fprintf(stderr, "trimtab %s: the verb is missing\n\n", noun);
    else if (argc > 1)
        fprintf(stderr, "trimtab: unknown command '%s%s%s'\n\n", argv[1], argc > 2 ? " " : "",
                argc > 2 ? argv[2] : "");
    print_overview(stderr, noun);
    return CLI_USAGE;
}

static void print_help(const struct cli_command *command)
{
    printf("usage: trimtab %s %s %s\n\n%s.\n\n%s", command->noun, command->verb, command->synopsis,
           command->summary, command->help);
}

static const struct cli_command *find_command(const char *noun, const char *verb)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i].noun, noun) == 0 &&
            (commands[i].verb[0] == '\0' || strcmp(commands[i].verb, verb) == 0))
            return &commands[i];
    return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* Set once, before the first command runs. */
static serve_function *serve_by_main;
static const char *program = "trimtab";

const char *cli_program(void)
{
    return program;
}

bool cli_serve(const struct serve_options *options, struct err *err)
{
    ASSERT(serve_by_main != NULL);
    return serve_by_main(options, err);
}

/* Whatever was printed has to arrive: a full disk is a failure of any command. */
static int finish_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (code != CLI_FAILURE) /* else the command has said so */
        fputs("trimtab: could not write to standard output\n", stderr);
    return CLI_FAILURE;
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    struct err err = {0};
    char name[64];

    if (asks_for_help(argc, argv)) {
        print_help(command);
        return CLI_OK;
    }
    if (cli_take_log_flags(&argc, argv, &err))
        return command->run(argc, argv);
    snprintf(name, sizeof name, "%s%s%s", command->noun, command->verb[0] != '\0' ? " " : "",
             command->verb);
    return cli_report(name, &err);
}

int cli_main(int argc, char **argv, serve_function *serve)
{
    serve_by_main = serve;
    if (argc > 0 && argv[0][0] != '\0')
        program = argv[0];
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return finish_output(version_command(0, NULL));
    const struct cli_command *command =
        argc > 1 ? find_command(argv[1], argc > 2 ? argv[2] : "") : NULL;
    if (!command)
        return finish_output(no_command(argc, argv));
    int used = command->verb[0] == '\0' ? 2 : 3;
    return finish_output(run_command(command, argc - used, argv + used));
}
