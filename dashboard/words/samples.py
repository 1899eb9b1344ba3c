"""Texts of the samples page."""

WORDS = {
    "samples_title": ("Part images", "部品の画像"),
    "samples_order": ("Which images", "表示する画像"),
    "samples_worst": ("Worst", "スコアの高い順"),
    "samples_borderline": ("Borderline", "しきい値付近"),
    "samples_random": ("Random", "無作為"),
    "samples_new": ("New or odd", "新規・異常画像"),
    "samples_families": ("Grouped by look", "見た目で分類"),
    "samples_worst_how": ("The highest scores first.", "スコアの高い順です。"),
    "samples_borderline_how": (
        "The scores nearest to a threshold of this night first.",
        "この夜のしきい値に近い順です。",
    ),
    "samples_random_how": (
        "In an order of chance, the same for everybody.",
        "無作為な順番です (誰が見ても同じ順になります)。",
    ),
    "samples_new_how": (
        "New patterns and pictures with a fault first, then what is least like its pattern.",
        "新しいパターンと撮影に問題のある画像、次にパターンの標準から離れた画像の順です。",
    ),
    "samples_families_how": (
        "Defects and parts to review that look alike, by grey levels and edges where the heat map "
        "is hottest; at most {most} of the highest scores. Groups are not causes: look before you "
        "name one. The heat map may lie beside the defect.",
        "不良判定と要確認のうち、ヒートマップの最も強い箇所の見た目が似ているものをまとめました "
        "(スコア上位 {most} 枚まで)。原因の分類ではありません。必ず画像を見て判断してください。"
        "ヒートマップは不良の位置とずれることがあります。",
    ),
    "samples_heat_may_lie": (
        "Colour shows where in its picture the neural network sees something odd (Grad-CAM), "
        "yellow most; a sound part has its oddest place too. The score need not come from there: "
        "look at the whole picture.",
        "色はニューラルネットがその画像の中で異常とみなした位置 (Grad-CAM) を示し、"
        "黄色が最も強い箇所です。良品にも色は付きます。"
        "スコアの根拠がそこにあるとは限らないため、画像全体を確認してください。",
    ),
    "samples_no_heat": (
        "No heat map was made for this image: only the highest scores of a night have one.",
        "この画像のヒートマップはありません。スコア上位の画像だけに作成しています。",
    ),
    "samples_nothing": (
        "No image of this run fits. Choose another pattern or decision.",
        "条件に合う画像がありません。パターンまたは判定を変更してください。",
    ),
    "samples_no_finds": (
        "Nothing was flagged or put to review here, so there are no families. "
        "The highest scores stand under Worst.",
        "不良判定・要確認の画像はありません。スコアの高い画像は「スコアの高い順」で見られます。",
    ),
    "samples_decision": ("Decision", "判定"),
    "samples_any_decision": ("All decisions", "すべての判定"),
    "samples_open": ("Open", "拡大表示"),
    "samples_place": ("{first} – {last} of {total}", "{total} 枚中 {first} – {last}"),
    "samples_page_before": ("Previous page", "前のページ"),
    "samples_page_after": ("Next page", "次のページ"),
    "samples_csv": ("This page as CSV", "このページを CSV で保存"),
    "samples_family": ("{number}. {pattern} · {images}", "{number}. {pattern} ・ {images}"),
    "samples_alone": ("No similar image", "似た画像のない検出"),
    "samples_family_more": ("and {n} more", "ほか {n} 枚"),
    "samples_back": ("Back to the list", "一覧に戻る"),
    "samples_previous": ("Previous image", "前の画像"),
    "samples_next": ("Next image", "次の画像"),
    "samples_download": ("Save the original", "元画像を保存"),
    "samples_thresholds": ("Thresholds of this night", "この夜のしきい値"),
    "samples_thresholds_are": (
        "defect from {defect}, review from {review}",
        "不良 {defect} 以上、確認 {review} 以上",
    ),
    "samples_version": ("Model version", "モデルのバージョン"),
    "samples_captured": ("Captured", "撮影日時"),
    "samples_seen": ("First taken in", "取り込み日時"),
    "samples_line": ("Line", "ライン"),
    "samples_fault": ("Fault of the picture", "画像の問題"),
    "samples_like": ("Repeats image", "重複元の画像"),
    "samples_format": ("Format", "形式"),
    "samples_sha": ("SHA-256 begins", "SHA-256 (先頭)"),
    "samples_verdicts": ("Verdicts so far", "これまでの目視判定"),
    "samples_no_verdict": ("Nobody has judged this image yet.", "まだ誰も判定していません。"),
    "samples_fault_dark": ("too dark", "暗すぎる"),
    "samples_fault_saturated": ("overexposed", "白飛び"),
    "samples_fault_empty": ("no part in it", "部品が写っていない"),
    "samples_fault_blurred": ("blurred", "ピンぼけ"),
    "samples_fault_foreign": ("shows something else", "別の物が写っている"),
    "samples_fault_duplicate": ("duplicate", "重複"),
}
