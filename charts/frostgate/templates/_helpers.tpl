{{- define "frostgate.labels" -}}
app.kubernetes.io/name: frostgate
app.kubernetes.io/part-of: frostgate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "frostgate.selector" -}}
app.kubernetes.io/name: frostgate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* An image by digest where one is given, else by tag, else by the chart's version. */}}
{{- define "frostgate.image" -}}
{{- $image := index . 0 }}{{- $chart := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default $chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "frostgate.connectionNamespaces" -}}
{{- $all := .Values.connectionNamespaces -}}
{{- if $all -}}{{ $all | uniq | sortAlpha | join "," }}{{- else -}}{{ .Release.Namespace }}{{- end -}}
{{- end }}
