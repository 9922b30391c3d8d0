using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>Reads Stripe's objects, which are kept as the JSON that is sent. A member that begins with an underscore is the sandbox's own and is never sent.</summary>
internal static class StripeJson
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int UsualLength = 24;

    /// <summary>An id as Stripe makes them, such as <c>sub_</c> and 24 letters and digits.</summary>
    public static string NewId(string prefix, int length = UsualLength) => prefix + RandomNumberGenerator.GetString(Characters, length);

    extension(JsonObject obj)
    {
        public string Id => (string)obj["id"]!;
        public string Kind => (string)obj["object"]!;
        public bool IsDeleted => obj.Flag("deleted");

        public string? Text(string name) => (string?)obj[name];

        public bool Flag(string name) => (bool?)obj[name] == true;

        /// <summary>A whole number; 0 where there is none.</summary>
        public long Number(string name) => obj[name] is not JsonValue number ? 0 : number.TryGetValue(out long whole) ? whole : number.GetValue<int>();

        public JsonObject Part(string name) => obj[name]!.AsObject();

        public JsonObject Copy() => obj.DeepClone().AsObject();
    }

    /// <summary>The objects of a list object.</summary>
    public static IEnumerable<JsonObject> Data(this JsonObject list) => list["data"]!.AsArray().Select(item => item!.AsObject());
}
