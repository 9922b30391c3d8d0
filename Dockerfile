# A convenience for those who prefer containers; the supported way is systemd, see docs/handbook.md.
#   docker build -t chatmvc .
#   docker run --read-only --tmpfs /tmp -v chatmvc:/data -p 127.0.0.1:5000:5000 --env-file chatmvc.env chatmvc
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# npm fetches htmx while the program is built.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish ChatMvc -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# The distribution's SQLite gets its patches by itself, and is taken in place of the bundled one.
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 && rm -rf /var/lib/apt/lists/* \
 && install -d -m 0700 -o app /data
COPY --from=build /app /app
USER app
ENV ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS=http://+:5000 STATE_DIRECTORY=/data
VOLUME /data
EXPOSE 5000
# Running answers are stored within ten seconds of SIGTERM, which is what `docker stop` waits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5000 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^ok' <&3"]
ENTRYPOINT ["dotnet", "/app/ChatMvc.dll"]
