"""Texts of the patterns page."""

WORDS = {
    "patterns_page_title": ("Patterns and drift", "パターンと変化"),
    "patterns_tonight": ("Patterns this night", "この夜のパターン"),
    "patterns_tonight_help": (
        "Patterns with images in the chosen night.",
        "選択した夜に画像があったパターンの数です。",
    ),
    "patterns_drifted": ("Drifted", "変化あり"),
    "patterns_drifted_help": (
        "Patterns, or the mix of the whole night, that differ clearly from the nights before.",
        "これまでの夜と明らかに異なるパターン、または全体の構成の数です。",
    ),
    "patterns_watch": ("To watch", "要観察"),
    "patterns_watch_help": (
        "Patterns that differ a little: nothing to do yet, look again tomorrow.",
        "わずかな違いがあるパターンの数です。対応は不要ですが、翌日も確認してください。",
    ),
    "patterns_new": ("New, to be named", "命名待ち"),
    "patterns_new_help": (
        "New patterns that nobody has named yet.",
        "まだ名前の付いていない新しいパターンの数です。",
    ),
    "patterns_all": ("All patterns", "パターン一覧"),
    "pattern_status": ("Status", "状態"),
    "pattern_parent": ("Part of", "統合先・分割元"),
    "images_tonight": ("Images this night", "この夜の画像数"),
    "patterns_since": ("Since", "採用日時"),
    "patterns_no_champion": ("none", "なし"),
    "status_new": ("unnamed", "名前なし"),
    "status_active": ("active", "使用中"),
    "status_merged": ("merged", "統合済み"),
    "status_split": ("split", "分割済み"),
    "status_retired": ("retired", "終了"),
    "newcomers_title": ("New patterns", "新しいパターン"),
    "newcomer": (
        "A new pattern has come: {name}, on {when}. Name it, or merge it into another below.",
        "新しいパターン {name} が見つかりました ({when})。"
        "名前を付けるか、下でほかのパターンに統合してください。",
    ),
    "newcomer_unseen": (
        "Its first pictures appear here when a night has scored them.",
        "夜間の検査が終わると、最初の画像がここに表示されます。",
    ),
    "drift_title": ("Changes against the nights before", "これまでの夜との違い"),
    "drift_caption": (
        "Compared with up to 14 nights. In brackets: what is usual. –: too few images, or too few "
        "nights by the present model. What was learned anew this night is compared as it was "
        "before that.",
        "最大 14 夜と比較しています。括弧内は通常の範囲です。"
        "「–」は、画像か現在のモデルによる夜が少なく、比較できないことを示します。"
        "この夜に再学習したパターンは、学習前の状態で比較しています。",
    ),
    "drift_nothing": (
        "This night was not compared with others. Nights that run on the plan are.",
        "この夜は比較を行っていません。計画実行された夜は自動で比較されます。",
    ),
    "drift_first": (
        "Nothing to compare with yet: it takes one more night with images.",
        "比較できる夜がまだありません。画像のある夜がもう一度必要です。",
    ),
    "drift_level": ("Level", "判定"),
    "level_steady": ("stable", "安定"),
    "level_watch": ("watch", "要観察"),
    "level_drifted": ("drifted", "変化あり"),
    "patterns_whole_night": ("The whole night", "全体"),
    "drift_mix": ("Share of images", "画像の割合"),
    "drift_scores": ("Scores", "スコア"),
    "drift_look": ("Look", "外観"),
    "drift_nights": ("Look from night to night", "外観の推移"),
    "drift_share_steady": ("{value}", "{value}"),
    "drift_share_changed": ("Now {value}", "現在 {value}"),
    "drift_psi_steady": ("mix as usual", "構成は通常どおり"),
    "drift_psi_changed": (
        "The mix is not as usual: PSI {value}",
        "構成が通常と異なります: PSI {value}",
    ),
    "drift_wasserstein_steady": ("as usual", "通常どおり"),
    "drift_wasserstein_changed": ("Scores have shifted by {value}", "スコアが {value} ずれました"),
    "drift_mmd2_steady": ("as usual", "通常どおり"),
    "drift_mmd2_changed": (
        "Pictures look different: distance {value}",
        "画像の見た目が変わりました: 距離 {value}",
    ),
    "drift_trend_steady": ("no slow change", "緩やかな変化なし"),
    "drift_trend_changed": (
        "Changes little by little: {value} over these nights",
        "少しずつ変化しています: 期間内に {value}",
    ),
    "drift_novel_share_steady": ("unknown pictures: {value}", "未知の画像: {value}"),
    "drift_novel_share_changed": (
        "{value} of the pictures belong to no known pattern",
        "既知のパターンに属さない画像が {value} あります",
    ),
    "usual_to": ("(up to {high})", "(通常 {high} 以下)"),
    "usual_between": ("({low} – {high})", "({low} – {high})"),
    "mix_title": ("Mix of patterns", "パターンの構成"),
    "mix_caption": (
        "Share of images by pattern, one bar a night, up to 90 nights.",
        "最大 90 夜の、パターンごとの画像の割合です。棒 1 本が 1 夜です。",
    ),
    "mix_share": ("Share of images", "画像の割合"),
    "patterns_others": ("all others", "その他"),
    "trend_nothing": (
        "No night has finished yet; the chart begins with the first that does.",
        "完了した夜がまだありません。最初の夜が完了すると表示されます。",
    ),
    "shares_title": ("Defect share over the nights", "不良率の推移"),
    "shares_caption": (
        "Point: estimate. Bar: 90 % interval. Grey: defects could not be told from good parts "
        "that night. Each chart has a scale of its own.",
        "点は推定値、縦線は 90 % 区間です。灰色は良品と不良品を判別できなかった夜です。"
        "縦軸の範囲はパターンごとに異なります。",
    ),
    "map_title": ("Map of the night", "画像の分布図"),
    "map_caption": (
        "{images} of the night: what looks alike lies together. Distances on the map have no unit. "
        "A patch of its own is a different look.",
        "この夜の{images}です。見た目の近い画像ほど近くに並びます。距離に単位はありません。"
        "離れたまとまりは、見た目が異なる画像です。",
    ),
    "map_nothing": (
        "No sample was kept of this night. Nights that run on the plan keep one.",
        "この夜の画像サンプルは保存されていません。計画実行された夜では自動で保存されます。",
    ),
    "typical_caption": (
        "Typical images: those in the middle of each pattern's scores.",
        "各パターンの代表画像 (スコアが中央付近のもの) です。",
    ),
    "typical_alt": ("Typical image of {pattern}", "{pattern} の代表画像"),
    "patterns_change_heading": ("Change a pattern", "パターンを変更する"),
    "patterns_change_nothing": (
        "There is no pattern to change; the next night learns what it sees.",
        "変更できるパターンがありません。次の夜に見つかったものを学習します。",
    ),
    "change_title": ("Name", "名前"),
    "patterns_title_given": ("Display name", "現場での呼び名"),
    "patterns_title_help": (
        "Stands on all pages. The internal name stays as it is.",
        "すべてのページに表示されます。内部名は変わりません。",
    ),
    "change_title_do": ("Save the name", "名前を保存"),
    "title_missing": (
        "Nothing saved: enter a name first.",
        "保存していません。名前を入力してください。",
    ),
    "patterns_titled": ("The name is saved.", "名前を保存しました。"),
    "change_merge": ("Merge", "統合"),
    "merge_how": (
        "Where two patterns are the same product. From the next retrain on one model judges both.",
        "二つのパターンが同じ製品の場合に使います。次の再学習から一つのモデルで判定します。",
    ),
    "merge_into": ("Becomes part of", "統合先"),
    "merge_alone": (
        "There is no other pattern to merge it into.",
        "統合先になるほかのパターンがありません。",
    ),
    "patterns_merged": (
        "Merged from the next retrain on; until then both judge.",
        "次の再学習から統合されます。それまでは両方が判定します。",
    ),
    "change_split": ("Split", "分割"),
    "split_how": (
        "Where one pattern holds two products. It computes for minutes, so an engineer starts it "
        "in a terminal of the plant's machine:",
        "一つのパターンに二つの製品が含まれる場合に使います。計算に数分かかるため、"
        "設備担当者が検査機の端末で次のコマンドを実行してください。",
    ),
    "split_reason": ("two products", "二つの製品"),
    "change_retire": ("Retire", "終了"),
    "retire_how": (
        "Where a product is no longer made. Its model stops judging at once. It comes back by "
        "itself when the product is seen again.",
        "製造を終えた製品に使います。モデルの判定はすぐに止まります。"
        "同じ製品が再び見つかると、自動で使用中に戻ります。",
    ),
    "patterns_retired": ("The pattern is retired.", "パターンを終了しました。"),
    "sure_tick": ("I am sure", "内容を確認しました"),
    "sure_missing": (
        "Nothing changed: give a reason and tick the box.",
        "変更していません。理由を入力し、確認欄にチェックを入れてください。",
    ),
    "new_pattern_title": ("A new product?", "新しい製品ですか？"),
    "new_pattern_how": (
        "Where the newest images show a product that is not known yet, it can be learned at once, "
        "without waiting for the night. Known patterns stay as they are.",
        "最新の画像に未登録の製品が含まれている場合、夜間を待たずにすぐ学習できます。"
        "登録済みのパターンは変わりません。",
    ),
    "new_pattern_start": ("Learn new patterns now", "新しいパターンを今すぐ学習する"),
}
