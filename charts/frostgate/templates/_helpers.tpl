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

{{- /* Where what approvals need is mounted. Secrets are files, and never variables. */}}
{{- define "frostgate.approvals.folder" -}}/etc/frostgate/approvals{{- end }}

{{- define "frostgate.approvals.page" -}}
{{- $page := .Values.approvals.page -}}
{{- $oidc := $page.oidc -}}
{{- $folder := include "frostgate.approvals.folder" . -}}
{{- if $page.enabled -}}
{{- if not (and $page.url $oidc.issuer $oidc.clientId) -}}
{{- fail "approvals.page.enabled needs approvals.page.url, approvals.page.oidc.issuer and approvals.page.oidc.clientId: people log in before they see anything." -}}
{{- end -}}
{{- $settings := dict "url" $page.url "viewers" $page.viewers "session" $page.session "endWithIdToken" $page.endWithIdToken -}}
{{- $settings = merge $settings (pick $oidc "issuer" "clientId" "clientAuthentication" "scopes" "usernameClaim" "usernamePrefix" "groupsClaim" "groupsPrefix") -}}
{{- if $oidc.clientSecretRef.name -}}
{{- $_ := set $settings "clientSecretFile" (printf "%s/secrets/page/client-secret" $folder) -}}
{{- end -}}
{{- if $oidc.caConfigMap -}}
{{- $_ := set $settings "issuerCaFile" (printf "%s/secrets/page/ca.crt" $folder) -}}
{{- end -}}
{{- toPrettyJson $settings -}}
{{- end -}}
{{- end }}

{{- define "frostgate.approvals.notify" -}}
{{- $slack := .Values.approvals.slack -}}
{{- $folder := include "frostgate.approvals.folder" . -}}
{{- $settings := dict -}}
{{- with .Values.approvals.page.url -}}{{- $_ := set $settings "pageUrl" . -}}{{- end -}}
{{- $webhooks := list -}}
{{- range .Values.approvals.webhooks -}}
{{- $webhooks = append $webhooks (set (omit . "secretRef") "secretFile" (printf "%s/secrets/webhooks/%s" $folder .name)) -}}
{{- end -}}
{{- $_ := set $settings "webhooks" $webhooks -}}
{{- if $slack.enabled -}}
{{- if not .Values.approvals.page.enabled -}}
{{- fail "approvals.slack.enabled needs approvals.page.enabled: Slack calls back at the page's port, and without it the buttons do nothing. Set approvals.page, or use approvals.webhooks." -}}
{{- end -}}
{{- if not (and $slack.secret $slack.teamId $slack.channels .Values.approvals.page.url) -}}
{{- fail "approvals.slack.enabled needs approvals.slack.secret, teamId and channels, and approvals.page.url, where Slack calls back." -}}
{{- end -}}
{{- $files := dict "tokenFile" (printf "%s/secrets/slack/token" $folder) "signingSecretFile" (printf "%s/secrets/slack/signing-secret" $folder) -}}
{{- $_ := set $settings "slack" (merge $files (pick $slack "apiUrl" "teamId" "channels" "people")) -}}
{{- end -}}
{{- if or $slack.enabled $webhooks -}}
{{- toPrettyJson $settings -}}
{{- end -}}
{{- end }}

{{- /* Whether anybody from outside calls: browsers, or Slack. */}}
{{- define "frostgate.approvals.listens" -}}
{{- if or .Values.approvals.page.enabled .Values.approvals.slack.enabled -}}true{{- end -}}
{{- end }}

{{- /* Ports that approvals go out to, once each: of the provider, Slack and webhooks. */}}
{{- define "frostgate.approvals.outbound" -}}
{{- $urls := list -}}
{{- with .Values.approvals.page -}}{{- if .enabled -}}{{- $urls = append $urls .oidc.issuer -}}{{- end -}}{{- end -}}
{{- if .Values.approvals.slack.enabled -}}{{- $urls = append $urls .Values.approvals.slack.apiUrl -}}{{- end -}}
{{- range .Values.approvals.webhooks -}}{{- $urls = append $urls .url -}}{{- end -}}
{{- $ports := list -}}
{{- range $urls -}}
{{- $ports = append $ports (regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default "443") -}}
{{- end -}}
{{- $ports | uniq | sortAlpha | join "," -}}
{{- end }}

{{- define "frostgate.approvals.sources" -}}
{{- $page := .Values.approvals.page -}}
{{- $sources := list -}}
{{- if and $page.tlsSecret (include "frostgate.approvals.listens" .) -}}
{{- $items := list (dict "key" "tls.crt" "path" "tls/tls.crt") (dict "key" "tls.key" "path" "tls/tls.key") -}}
{{- $sources = append $sources (dict "secret" (dict "name" $page.tlsSecret "optional" true "items" $items)) -}}
{{- end -}}
{{- if and $page.enabled $page.oidc.clientSecretRef.name -}}
{{- $items := list (dict "key" $page.oidc.clientSecretRef.key "path" "page/client-secret") -}}
{{- $sources = append $sources (dict "secret" (dict "name" $page.oidc.clientSecretRef.name "optional" true "items" $items)) -}}
{{- end -}}
{{- if and $page.enabled $page.oidc.caConfigMap -}}
{{- $items := list (dict "key" "ca.crt" "path" "page/ca.crt") -}}
{{- $sources = append $sources (dict "configMap" (dict "name" $page.oidc.caConfigMap "optional" true "items" $items)) -}}
{{- end -}}
{{- if .Values.approvals.slack.enabled -}}
{{- $items := list (dict "key" "token" "path" "slack/token") (dict "key" "signing-secret" "path" "slack/signing-secret") -}}
{{- $sources = append $sources (dict "secret" (dict "name" .Values.approvals.slack.secret "optional" true "items" $items)) -}}
{{- end -}}
{{- range .Values.approvals.webhooks -}}
{{- $items := list (dict "key" .secretRef.key "path" (printf "webhooks/%s" .name)) -}}
{{- $sources = append $sources (dict "secret" (dict "name" .secretRef.name "optional" true "items" $items)) -}}
{{- end -}}
{{- with $sources -}}{{- toYaml . -}}{{- end -}}
{{- end }}
