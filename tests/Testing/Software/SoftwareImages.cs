namespace Sealos.Testing.Software;

/// <summary>The images of real software that stories run.</summary>
public static class SoftwareImages
{
    // Makes a database on an empty volume, taking the variables that people set.
    private const string PostgreSqlEntrypoint =
        """
        #!/bin/sh
        set -e
        PGDATA=${PGDATA:-/var/lib/postgresql/data}
        export PGDATA
        if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
          [ -n "$POSTGRES_PASSWORD" ] || { echo "POSTGRES_PASSWORD is not set" >&2; exit 1; }
          password=$(mktemp)
          printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
          initdb --username="${POSTGRES_USER:-postgres}" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8
          rm "$password"
          echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
          [ -z "$POSTGRES_DB" ] || echo "CREATE DATABASE \"$POSTGRES_DB\"" | postgres --single -j postgres
        fi
        exec "$@"
        """;

    /// <summary>PostgreSQL.</summary>
    public static DebianImage PostgreSql { get; } = new()
    {
        Name = "postgres",
        Reference = "postgres:15",
        User = "postgres",
        UserId = 999,
        Home = "/var/lib/postgresql",
        Folders = ["/var/lib/postgresql", "/var/lib/postgresql/data", "/var/run/postgresql"],
        Files = new Dictionary<string, string> { ["/usr/local/bin/docker-entrypoint.sh"] = PostgreSqlEntrypoint },
        Without = ["usr/lib/postgresql/15/lib/bitcode/", "usr/share/postgresql/15/man/"],
        Programs = ["/usr/lib/postgresql/15/bin"],
        Entrypoint = ["docker-entrypoint.sh"],
        Command = ["postgres"],
    };

    /// <summary>Redis.</summary>
    public static DebianImage Redis { get; } = new()
    {
        Name = "redis",
        Reference = "redis:7",
        User = "redis",
        UserId = 999,
        Home = "/data",
        Folders = ["/data"],
        Command = ["redis-server"],
    };

    /// <summary>RabbitMQ.</summary>
    public static DebianImage RabbitMq { get; } = new()
    {
        Name = "rabbitmq",
        Reference = "rabbitmq:3.10-management",
        User = "rabbitmq",
        UserId = 999,
        Home = "/var/lib/rabbitmq",
        Folders = ["/var/lib/rabbitmq", "/var/log/rabbitmq"],
        Programs = ["/usr/lib/rabbitmq/bin"],
        Command = ["rabbitmq-server"],
    };

    /// <summary>Prometheus.</summary>
    public static DebianImage Prometheus { get; } = new()
    {
        Name = "prometheus",
        Reference = "prom/prometheus:v2.53.3",
        User = "nobody",
        UserId = 65534,
        Home = "/prometheus",
        Folders = ["/prometheus"],
        Without = ["usr/bin/promtool"],
        Entrypoint = ["/bin/prometheus"],
        Command = ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
    };

    /// <summary>nginx, for a user without rights.</summary>
    public static DebianImage Nginx { get; } = new()
    {
        Name = "nginx",
        Reference = "nginxinc/nginx-unprivileged:1.22",
        User = "nginx",
        UserId = 101,
        Links = new Dictionary<string, string> { ["/var/log/nginx/error.log"] = "/dev/stderr" },
        Command = ["nginx", "-g", "daemon off;"],
    };

    /// <summary>Node.js with Kubernetes' official client, for operators.</summary>
    public static DebianImage Operator { get; } = new()
    {
        Name = "node",
        Reference = "operators/javascript:1",
        User = "node",
        UserId = 1000,
        Home = "/app",
        Trees = [("artifacts/tools/clients/node_modules", "/app/node_modules")],
        Without = ["usr/share/nodejs/@types/"],
        Command = ["node"],
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DebianImage> All => [PostgreSql, Redis, RabbitMq, Prometheus, Nginx, Operator];
}
