"""Texts of the report page."""

WORDS = {
    "report_title": ("Inspection report", "検査レポート"),
    "report_of": ("Judged on {when}.", "{when} 判定"),
    "of_line": ("Line {line}.", "ライン {line}"),
    "share_interval": (
        "Defect share of the parts, estimated without labels from all scores, so probable defects "
        "below the threshold count too; 90 % interval {interval}.",
        "部品の不良率 (ラベルなしの推定値。しきい値未満の疑いも含みます)。"
        "90 % 区間は {interval} です。",
    ),
    "share_without": (
        "Not known, and not counted in it: {patterns}.",
        "不明のため含めていないパターン: {patterns}。",
    ),
    "share_corrected": (
        "From the random sample: {share} ({interval}), {looked} parts looked at.",
        "抜き取りによる不良率: {share} ({interval})、抜き取り {looked} 件。",
    ),
    "download_page": ("Download the printable page", "印刷用レポートをダウンロード"),
    "download_page_help": (
        "One HTML file with pictures and charts, in English; it opens in any browser without a "
        "network, and prints to paper or PDF.",
        "画像とグラフを含む HTML ファイル (英語) です。ネットワークなしで任意のブラウザで開き、"
        "紙や PDF に印刷できます。",
    ),
    "span_title": ("Rates over several nights", "期間の不良率"),
    "span": ("Days", "期間"),
    "span_day": ("Newest day", "最新の日"),
    "span_week": ("7 days", "7 日間"),
    "span_month": ("30 days", "30 日間"),
    "span_own": ("Choose days", "日付を指定"),
    "since": ("From", "開始日"),
    "until": ("To", "終了日"),
    "span_none": (
        "No night arrived on these days. Choose others.",
        "この期間に届いた画像はありません。別の期間を選んでください。",
    ),
    "by": ("By", "集計単位"),
    "by_pattern": ("Pattern", "パターン"),
    "by_line": ("Line", "ライン"),
    "by_batch": ("Batch", "取り込み単位"),
    "by_day": ("Day", "日"),
    "no_line": ("no line", "ライン指定なし"),
    "rates_title": ("Defect shares with 90 % interval", "不良率と 90 % 区間"),
    "rates_charted": (
        "The chart shows the first {n} rates; all are in the table.",
        "グラフには先頭の {n} 件を表示しています。表にはすべて含まれます。",
    ),
    "rate_of": ("of {images} told apart", "判別できた {images} の値"),
    "rate_corrected": ("From the sample", "抜き取りによる不良率"),
    "rate_looked": ("Looked at", "抜き取り数"),
    "rates_csv": ("Download these rates (CSV)", "この表をダウンロード (CSV)"),
    "export_title": ("Export data", "データの書き出し"),
    "export_how": (
        "Of the days chosen above. Times are UTC. The file is made when you press; a month of "
        "predictions may take a while.",
        "上で選んだ期間のデータです。時刻は UTC です。ファイルはボタンを押したときに作成されます。"
        "1 か月分の判定結果は時間がかかる場合があります。",
    ),
    "export_what": ("Table", "データの種類"),
    "table_predictions": ("Predictions", "判定結果"),
    "table_rates": ("Rates", "不良率"),
    "table_verdicts": ("Verdicts", "目視判定"),
    "table_audit": ("Audit log", "操作記録"),
    "table_predictions_how": (
        "One row per image and run of these days: score, decision, thresholds, model version.",
        "この期間に判定した画像と実行ごとに 1 行: スコア、判定、しきい値、モデル。",
    ),
    "table_rates_how": (
        "One row a pattern and run of these days: images, defects, share with interval, quality.",
        "この期間に判定したパターンと実行ごとに 1 行: 画像数、不良数、不良率と区間、判別性能。",
    ),
    "table_verdicts_how": (
        "Everything that people said of parts on these days, withdrawn answers too.",
        "この期間に人が行った判定のすべて (取り消した判定を含む)。",
    ),
    "table_audit_how": (
        "Who changed what on these days: promotions, thresholds, names, alerts.",
        "この期間に、いつ、誰が、何を変更したか: モデルの採用、しきい値、名称、警告など。",
    ),
    "download_csv": ("CSV", "CSV"),
    "download_parquet": ("Parquet", "Parquet"),
}
