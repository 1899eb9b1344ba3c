"""Texts of the morning page."""

WORDS = {
    "title": ("Last night", "昨夜の結果"),
    "state_running": (
        "The run of {when} is still going on; the figures below may be incomplete.",
        "{when} に始まった検査は実行中です。以下の数値は途中経過です。",
    ),
    "state_failed": (
        "The run of {when} did not finish; please tell the plant engineer.",
        "{when} の検査は途中で止まりました。設備担当者に連絡してください。",
    ),
    "latest_running": (
        "A run is going on since {when}; its results will appear here.",
        "{when} から検査を実行中です。結果は終わり次第ここに表示されます。",
    ),
    "latest_failed": (
        "The latest run, of {when}, did not finish. What is shown here is older. "
        "Please tell the plant engineer.",
        "最新の検査 ({when}) は途中で止まりました。ここに表示されているのはそれ以前の結果です。"
        "設備担当者に連絡してください。",
    ),
    "tonight_fine": ("The night was fine.", "この夜の検査に異常はありません。"),
    "tonight_look": ("This night needs your attention.", "確認が必要な点があります。"),
    "tonight_running": ("Inspection is still going on.", "検査を実行中です。"),
    "tonight_unfinished": ("The inspection did not finish.", "検査が途中で止まりました。"),
    "tonight_why_overdue": (
        "Nothing has been inspected since {when}.",
        "{when} 以降、検査が行われていません。",
    ),
    "tonight_why_above": (
        "More defects than usual: {patterns}.",
        "不良率が普段より高いパターン: {patterns}。",
    ),
    "tonight_why_silent": (
        "Good parts and defects could not be told apart: {patterns}.",
        "良品と不良品を判別できなかったパターン: {patterns}。",
    ),
    "tonight_why_young": (
        "There are too few nights yet to know what is usual.",
        "普段の値を知るための夜数がまだ足りません。",
    ),
    "tonight_why_alerts": ("{alerts} open.", "未確認の警告が {alerts}あります。"),
    "tonight_why_earlier": (
        "{alerts} from earlier nights open.",
        "以前の夜から未確認の警告が {alerts}あります。",
    ),
    "tonight_flagged": ("{parts} judged defective.", "{parts}が不良判定です。"),
    "tonight_waiting": ("{parts} to review.", "{parts}が目視確認待ちです。"),
    "listed": (", ", "、"),
    "parts_count": ("{n} parts", "部品 {n} 件"),
    "parts_count_one": ("{n} part", "部品 {n} 件"),
    "next_title": ("What to do now", "次にすること"),
    "next_nothing": ("Nothing needs to be done.", "対応の必要はありません。"),
    "next_wait": ("Wait until the inspection has ended.", "検査が終わるまでお待ちください。"),
    "next_unfinished": (
        "Tell the plant engineer that the inspection stopped; see what went wrong",
        "検査が止まったことを設備担当者に連絡し、原因を確認する",
    ),
    "next_overdue": (
        "Find out why nothing has been inspected since, or start a run",
        "その後検査がない理由を調べるか、手動で検査を開始する",
    ),
    "next_defects": (
        "Set aside the parts judged defective, and check them: {subject}",
        "不良判定の部品 {subject} 件を取り分け、現物を確認する",
    ),
    "next_above": (
        "{subject}: more defects than usual. Look at its worst parts",
        "{subject}: 不良率が普段より高いため、疑わしい部品を確認する",
    ),
    "next_above_more": (
        "More patterns with more defects than usual: {subject}. Look at the worst parts",
        "ほかにも {subject} 種類で不良率が普段より高いため、疑わしい部品を確認する",
    ),
    "next_silent": (
        "{subject}: good parts and defects were not told apart. Look at some parts yourself",
        "{subject}: 良否を判別できないため、抜き取りで確認する",
    ),
    "next_silent_more": (
        "More patterns not told apart: {subject}. Look at some of their parts yourself",
        "ほかにも {subject} 種類で良否を判別できないため、抜き取りで確認する",
    ),
    "next_weak": (
        "{subject}: good parts and defects are told apart only weakly. Look at some parts yourself",
        "{subject}: 判別精度が低いため、抜き取りで確認する",
    ),
    "next_weak_more": (
        "More patterns told apart only weakly: {subject}. Look at some of their parts yourself",
        "ほかにも {subject} 種類で判別精度が低いため、抜き取りで確認する",
    ),
    "next_review": (
        "Review the parts that may be defective: {subject}",
        "不良の疑いがある部品 {subject} 件を目視で判定する",
    ),
    "next_new": (
        "New pattern {subject}: name it, or merge it into another",
        "新しいパターン {subject} に名前を付けるか、既存のパターンに統合する",
    ),
    "next_new_more": (
        "More new patterns: {subject}",
        "ほかの新しいパターン: {subject} 種類",
    ),
    "next_alerts": (
        "Read the alerts below and mark them as seen: {subject}",
        "下の警告 {subject} 件を読み、確認済みにする",
    ),
    "next_name": (
        "Give the patterns the names that people know them by: {subject}",
        "パターン {subject} 種類に現場での呼び名を付ける",
    ),
    "next_unusable": (
        "Unusable pictures, listed below: {subject}. Check the camera, and look at the parts",
        "使えない画像が {subject} 件あるため (ページの最後に一覧)、カメラと現物を確認する",
    ),
    "needs_reviewer": (
        "Needs the role reviewer.",
        "判定者の権限が必要です。",
    ),
    "change": ("Against usual", "普段との比較"),
    "change_above": ("above usual", "普段より高い"),
    "change_below": ("below usual", "普段より低い"),
    "change_usual": ("no clear change", "明らかな変化なし"),
    "change_unknown": ("too few nights to compare", "比較できる夜がまだ不足"),
    "change_silent": ("not known", "不明"),
    "never_known": ("nor on the nights before", "前の夜も不明"),
    "share_drawn": ("Defect share, drawn from 0 to {top}", "不良率 (軸は 0 〜 {top})"),
    "usual_share": ("usually {share}", "普段は {share}"),
    "last_nights": ("Last nights", "最近の夜"),
    "spark_alt": (
        "Defect share on {n} nights up to this one, highest {top}",
        "この夜までの {n} 夜の不良率、最大 {top}",
    ),
    "spark_top": ("highest {top}", "最高 {top}"),
    "differs_title": ("What this night changed", "この夜の変化"),
    "differs_nothing": (
        "This night, nothing drifted, and no model or threshold is newer than the night before.",
        "この夜に変動はなく、前夜からモデルとしきい値の変更もありません。",
    ),
    "differs_first": (
        "This is the first night: there is none before it to compare with.",
        "最初の夜のため、比較できる夜がありません。",
    ),
    "differs_unknown": (
        "This night was not compared with others; no model or threshold is newer than the night "
        "before.",
        "この夜は他の夜と比較していません。前夜からモデルとしきい値の変更はありません。",
    ),
    "drift_watch": ("To watch", "要観察"),
    "drift_drifted": ("Drifted", "変化あり"),
    "new_champion": (
        "New model of {pattern} since {when}: {version}",
        "{pattern} の新しいモデル ({when} から): {version}",
    ),
    "new_thresholds": (
        "New thresholds of {pattern}: defect from {defect}, review from {review} ({actor}: {why})",
        "{pattern} のしきい値を変更: 不良 {defect} 以上、確認 {review} 以上 ({actor}: {why})",
    ),
    "quality_title": ("Quality and thresholds", "判別性能としきい値"),
    "summary": (
        "{images} of {patterns} were inspected: {flagged} flagged as defect, {review} to review; "
        "{usable}.",
        "{patterns}・{images}を検査し、不良判定は {flagged} 枚、要確認は {review} 枚でした。"
        "{usable}。",
    ),
    "usable_all": ("every picture could be used", "画像はすべて検査に使えました"),
    "usable_not": ("pictures that could not be used: {n}", "使えない画像は {n} 件です"),
    "flagged": ("Defects", "不良判定"),
    "flagged_help": (
        "Images whose score reaches the threshold.",
        "スコアがしきい値以上の画像の枚数です。",
    ),
    "to_review": ("To review", "要確認"),
    "to_review_help": (
        "Images in the review band below the threshold: a person should look at them.",
        "しきい値のすぐ下の確認範囲にある画像です。人の目で確認してください。",
    ),
    "inspected": ("Inspected", "検査済み"),
    "inspected_help": ("Readable images of this run.", "この実行で読み取れた画像の枚数です。"),
    "quarantined": ("Unusable pictures", "使えない画像"),
    "quarantined_help": (
        "Files that could not be read, and pictures that tell nothing of their part (dark, "
        "blurred); the list is at the end of the page. Look at the parts themselves.",
        "読み取れないファイルと、暗い・ぼけているなど部品の状態が分からない画像です。"
        "一覧はページの最後にあります。現物を確認してください。",
    ),
    "patterns_title": ("Defect share by pattern", "パターン別の不良率"),
    "patterns_caption": (
        "Estimated from all scores, so probable defects below the threshold count too; with a 90 % "
        "interval. Usual is the median of up to 14 nights before. Above usual means that the whole "
        "interval lies above it, or that more than half look defective.",
        "全画像のスコアからの推定値 (しきい値未満の疑いも含む) と 90 % 区間です。"
        "「普段」は直前の最大 14 夜の中央値で、"
        "区間全体がそれを上回るか、半数を超えて不良に見えると「普段より高い」と表示します。",
    ),
    "separable": ("Good and defective told apart", "良否の判別"),
    "separable_yes": ("yes", "可能"),
    "separable_weak": ("weakly", "精度が低い"),
    "separable_no": ("not this night", "今回は不可"),
    "not_separable_note": (
        "Good parts and defects could not be told apart: {patterns}. Nothing was flagged there, "
        "and the share is not known; please look at some of these parts yourself.",
        "今回判別できなかったパターン: {patterns}。良品と不良品を見分けられないため、"
        "不良判定は行っていません。抜き取りで確認してください。",
    ),
    "weak_note": (
        "Good parts and defects are told apart only weakly: {patterns}. Defects may be missed "
        "there; please look at some of these parts yourself.",
        "判別精度が低いパターン: {patterns}。不良を見逃す可能性があります。"
        "抜き取りで確認してください。",
    ),
    "quality": ("Quality (AUC)", "判別性能 (AUC)"),
    "worst_title": ("The most suspicious images", "不良の疑いが強い画像"),
    "worst_caption": (
        "The sixteen highest scores, whatever they are. Colour shows where in its picture the "
        "neural network sees something odd (Grad-CAM), yellow most; a sound part has its oddest "
        "place too. The score need not come from there: look at the whole picture. A click shows "
        "it large.",
        "スコアの高い順に 16 枚です。色はニューラルネットがその画像の中で異常とみなした位置 "
        "(Grad-CAM) を示し、黄色が最も強い箇所です。良品にも色は付きます。"
        "スコアの根拠がそこにあるとは限らないため、画像全体を確認してください。"
        "クリックすると拡大します。",
    ),
    "scores_title": ("Scores by pattern", "パターン別のスコア分布"),
    "scores_caption": (
        "Number of images by score, 0 to 1, higher is worse. Solid line: threshold; shaded: "
        "review band. Heights grow with the square root, so that single defects stay visible.",
        "スコア (0〜1、大きいほど悪い) ごとの枚数です。実線はしきい値、網掛けは確認範囲です。"
        "少数の不良も見えるよう、高さは平方根で示しています。",
    ),
    "quarantine_title": ("Pictures that could not be used", "使えない画像"),
    "quarantine_none": (
        "Every picture of this night could be used.",
        "この夜の画像はすべて検査に使えました。",
    ),
}
