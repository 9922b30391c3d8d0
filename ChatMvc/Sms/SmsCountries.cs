using ChatMvc.Accounts;
using ChatMvc.Shared;

namespace ChatMvc.Sms;

/// <summary>Where messages are sent: a list of calling codes, because some numbers of the world bill the sender dearly.</summary>
public sealed class SmsCountries(IReadOnlyList<string> callingCodes, string defaultCallingCode)
{
    private const string All = "*";
    private const string NorthAmerica = "1";
    /// <summary>
    /// Served nowhere, also with <c>*</c>: numbers that bill whoever calls, satellites, and codes that belong to no country (ITU-T
    /// E.164, list of assigned country codes; 900 in North America).
    /// </summary>
    private static readonly string[] Dear = ["1900", "800", "808", "870", "878", "881", "882", "883", "888", "979"];
    private const int MaxCallingCode = 6;

    /// <summary>Put before numbers that were typed without one. Digits only.</summary>
    public string DefaultCallingCode { get; } = defaultCallingCode;

    public bool Serve(PhoneNumber number) => number.IsIn(callingCodes) && !number.IsIn(Dear);

    /// <param name="settings">Lists calling codes, digits only, or <c>*</c>.</param>
    /// <param name="twilioIsSandbox">Nothing leaves the house then, so by default nothing is kept from leaving.</param>
    /// <exception cref="SettingsException">A calling code is none.</exception>
    public static SmsCountries From(SmsSettings settings, bool twilioIsSandbox)
    {
        string[] countries = settings.Countries is { Length: > 0 } listed ? listed : [twilioIsSandbox ? All : NorthAmerica];
        if (Array.Exists(countries, c => c != All && !IsCallingCode(c)))
            throw new SettingsException("Sms:Countries is malformed: calling codes such as 1, 44 or * are expected.");
        if (settings.DefaultRegion is { } region && !IsCallingCode(region))
            throw new SettingsException("Sms:DefaultRegion is malformed: a calling code such as 1 or 44 is expected.");
        return new SmsCountries(countries,
            settings.DefaultRegion ?? countries.FirstOrDefault(c => c != All) ?? NorthAmerica);
    }

    private static bool IsCallingCode(string text) =>
        text.Length is > 0 and <= MaxCallingCode && text.All(char.IsAsciiDigit) && text[0] != '0';
}
