using System.Text.Json;

namespace ChatMvc.Bench.Browsers;

/// <summary>What went over the wire for a tab, as its developer tools count it: with headers, and compressed where it was.</summary>
internal sealed class Traffic
{
    private readonly Lock gate = new();
    private readonly List<Request> requests = [];

    /// <summary>Counts from now on.</summary>
    public static async Task<Traffic> CountAsync(Tab tab)
    {
        var traffic = new Traffic();
        traffic.On(tab, "Network.requestWillBeSent", traffic.Sent);
        traffic.On(tab, "Network.responseReceived", traffic.Responded);
        traffic.On(tab, "Network.dataReceived", (request, e) => request.Data += e.GetProperty("encodedDataLength").GetDouble());
        traffic.On(tab, "Network.loadingFinished", (request, e) => request.Finished = e.GetProperty("encodedDataLength").GetDouble());
        await tab.Tools.SendAsync("Network.enable");
        return traffic;
    }

    public IReadOnlyList<Request> Requests
    {
        get { lock (gate) return [.. requests]; }
    }

    private void On(Tab tab, string name, Action<Request, JsonElement> note) => tab.Tools.Event(name).OnEvent += (_, e) =>
    {
        if (e is not { } happened) return;
        lock (gate)
        {
            var id = happened.GetProperty("requestId").GetString()!;
            var known = requests.FindLast(r => r.Id == id);
            if (known is null && name == "Network.requestWillBeSent")
            {
                if (!happened.GetProperty("request").GetProperty("url").GetString()!.StartsWith("http", StringComparison.Ordinal)) return;
                requests.Add(known = new Request(id));
            }
            if (known is not null) note(known, happened);
        }
    };

    private void Sent(Request request, JsonElement e)
    {
        var moment = e.GetProperty("timestamp").GetDouble();
        if (e.TryGetProperty("redirectResponse", out var redirect))
        {
            // The same id goes on at the new address.
            request.Head = redirect.GetProperty("encodedDataLength").GetDouble();
            request.Answered = moment;
            requests.Add(request = new Request(request.Id));
        }
        request.Sent = moment;
        request.Method = e.GetProperty("request").GetProperty("method").GetString()!;
        request.Url = e.GetProperty("request").GetProperty("url").GetString()!;
    }

    private void Responded(Request request, JsonElement e)
    {
        request.Answered = e.GetProperty("timestamp").GetDouble();
        request.Type = e.GetProperty("type").GetString()!;
        request.Head = e.GetProperty("response").GetProperty("encodedDataLength").GetDouble();
    }

    internal sealed class Request(string id)
    {
        public string Id => id;
        public string Method { get; set; } = "";
        public string Url { get; set; } = "";
        /// <summary>The tools' word: Document, Script, Stylesheet, Fetch and so on.</summary>
        public string Type { get; set; } = "";
        /// <summary>Seconds of the machine's monotonic clock.</summary>
        public double Sent { get; set; }
        /// <summary>When its status and headers had come; the same clock.</summary>
        public double Answered { get; set; }
        public double Head { get; set; }
        public double Data { get; set; }
        public double? Finished { get; set; }
        /// <summary>A stream never finishes: what has come of it counts.</summary>
        public double Bytes => Finished ?? Head + Data;
        public bool IsScriptOrStyle => Type is "Script" or "Stylesheet";
    }
}
