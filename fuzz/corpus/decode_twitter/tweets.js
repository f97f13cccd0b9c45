window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : { "initial" : { "editTweetIds" : [ "501" ], "isEditEligible" : false } },
      "retweeted" : false,
      "entities" : { "hashtags" : [ ], "user_mentions" : [ { "name" : "Ann", "screen_name" : "ann", "indices" : [ "0", "4" ], "id_str" : "7", "id" : "7" } ], "urls" : [ { "url" : "https://t.co/a", "expanded_url" : "https://news.example/{late}", "indices" : [ "9", "20" ] } ] },
      "id_str" : "501", "in_reply_to_user_id" : "7", "in_reply_to_status_id_str" : "499",
      "favorite_count" : "3", "retweet_count" : "0", "id" : "501",
      "created_at" : "Sun Nov 22 08:15:00 +0000 2026", "lang" : "en",
      "full_text" : "@ann see \"this\" [1] } &amp; that https://t.co/a"
    }
  },
  {
    "tweet" : { "id_str" : "502", "favorite_count" : "0", "retweet_count" : "12", "created_at" : "Sun Nov 22 08:16:00 +0000 2026", "full_text" : "RT @bob: so late", "lang" : "en" }
  },
  {
    "tweet" : { "id_str" : "503", "favorite_count" : "many", "created_at" : "Sun Nov 22 08:17:00 +0000 2026", "full_text" : "x" }
  },
  {
    "tweet" : { "id_str" : "504", "created_at" : "Sun Nov 22 08:18:00 +0000 2026", "full_text" : "gone", "deleted_at" : "Sun Nov 22 09:00:00 +0000 2026" }
  }
]
