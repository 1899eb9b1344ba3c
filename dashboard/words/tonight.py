"""Texts of the morning page."""

WORDS = {
    "title": ("Morning report", "朝の検査レポート"),
    "state_completed": (
        "The run of {when} finished.",
        "{when} の検査は終了しました。",
    ),
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
    "summary": (
        "{images} of {patterns} were inspected: {flagged} flagged as defect, {review} to review, "
        "{quarantined} in quarantine.",
        "{patterns}・{images}を検査し、不良判定は {flagged} 枚、要確認は {review} 枚、"
        "検査対象外は {quarantined} 件でした。",
    ),
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
    "quarantined": ("Quarantined", "検査対象外"),
    "quarantined_help": (
        "Files that could not be inspected; the reasons are at the end of the page.",
        "検査できなかったファイルです。理由はページの最後にあります。",
    ),
    "patterns_title": ("Defect share by pattern", "パターン別の不良率"),
    "patterns_caption": (
        "Point: estimate. Line: 90 % interval. Estimated without labels.",
        "点は推定値、線は 90 % 区間です。ラベルなしで推定しています。",
    ),
    "separable": ("Can be separated", "判別"),
    "separable_yes": ("yes", "可能"),
    "separable_no": ("not tonight", "今回は不可"),
    "not_separable_note": (
        "Not separable tonight: {patterns}. Defects and good parts cannot be told apart there, so "
        "nothing was flagged; please sample these by hand.",
        "今回判別できなかったパターン: {patterns}。良品と不良品を見分けられないため、"
        "不良判定は行っていません。抜き取りで確認してください。",
    ),
    "quality": ("Quality (AUC)", "判別性能 (AUC)"),
    "worst_title": ("The most suspicious images", "不良の疑いが強い画像"),
    "worst_caption": (
        "The sixteen highest scores. Colour shows what the network went by (Grad-CAM), yellow "
        "most. It can lie beside the defect: look at the whole picture.",
        "スコアの高い 16 枚です。色は判断の根拠となった位置 (Grad-CAM) を示し、"
        "黄色が最も強い箇所です。不良の位置とずれることがあるため、画像全体を確認してください。",
    ),
    "scores_title": ("Scores by pattern", "パターン別のスコア分布"),
    "scores_caption": (
        "Number of images by score, 0 to 1, higher is worse. Solid line: threshold; shaded: "
        "review band. Heights grow with the square root, so that single defects stay visible.",
        "スコア (0〜1、大きいほど悪い) ごとの枚数です。実線はしきい値、網掛けは確認範囲です。"
        "少数の不良も見えるよう、高さは平方根で示しています。",
    ),
    "new_pattern_title": ("A new product?", "新しい製品ですか?"),
    "new_pattern_how": (
        "Where the newest images show a product that is not known yet, it can be learned at once, "
        "without waiting for the night. Known patterns stay as they are.",
        "最新の画像に未登録の製品が含まれている場合、夜間を待たずにすぐ学習できます。"
        "登録済みのパターンは変わりません。",
    ),
    "new_pattern_start": ("Learn new patterns now", "新しいパターンを今すぐ学習する"),
    "quarantine_title": ("Quarantine", "検査対象外のファイル"),
    "quarantine_none": (
        "Every file of this run could be inspected.",
        "この実行ではすべてのファイルを検査できました。",
    ),
}
