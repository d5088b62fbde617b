//! The quarters as text: what stands where (north above), how irregular the streets run, and their names.

use super::{patch::Quarter, streets::Profile};

const OLD: Quarter = Quarter {
    neighbourhood: "Binnenstad",
    kinds: &[],
    names: &[],
    profile: Profile::OLD_TOWN,
    collector: None,
    irregularity: 0.22,
    has_one_way: true,
};
const NEW: Quarter = Quarter { profile: Profile::RESIDENTIAL, irregularity: 0.17, has_one_way: false, ..OLD };

pub const CHURCH_QUARTER: Quarter = Quarter {
    kinds: &["ccccc", "ccccc", "cccKK", "ccccc", "ccHMM"],
    names: &[
        "Weverstraat",
        "Kloosterstraat",
        "Smedestraat",
        "Kerkstraat",
        "Hofsteeg",
        "Achter de Kerk",
        "Begijnenstraat",
        "Noordstraat",
    ],
    ..OLD
};
pub const GUILD_QUARTER: Quarter = Quarter {
    kinds: &["ccccc", "cckcc", "ccccc", "ccccc", "Mcccc"],
    names: &[
        "Vleeshouwerstraat",
        "Schoutenstraat",
        "Kuiperstraat",
        "Doelenstraat",
        "Botersteeg",
        "Raamstraat",
        "Ververstraat",
        "Gildestraat",
    ],
    ..OLD
};
pub const CANAL_WEST: Quarter = Quarter {
    kinds: &["ccccc", "ccccc"],
    names: &["Vollersgang", "Zoutsteeg", "Wijnstraat", "Vismarkt", "Achterstraat"],
    ..OLD
};
pub const CANAL_EAST: Quarter = Quarter {
    kinds: &["ccccc", "ccccc"],
    names: &["Waagsteeg", "Korenstraat", "Beursstraat", "Pottersgang", "Minrebroederstraat"],
    ..OLD
};
pub const HARBOUR_WEST: Quarter = Quarter {
    neighbourhood: "Havenkwartier",
    kinds: &["ccccc", "ccccc", "ccekc", "ccccc"],
    names: &[
        "Schippersgang",
        "Ankerstraat",
        "Zeilmakerstraat",
        "Pakhuisstraat",
        "Visserstraat",
        "Lange Nieuwstraat",
        "Havenstraat",
    ],
    ..OLD
};
pub const HARBOUR_EAST: Quarter = Quarter {
    neighbourhood: "Havenkwartier",
    kinds: &["ccccc", "ccccc", "cccxc", "ccccc"],
    names: &[
        "Mastenmakerstraat",
        "Roerstraat",
        "Kompasstraat",
        "Bolwerkstraat",
        "Scheepstimmerstraat",
        "Korte Nieuwstraat",
        "Werfstraat",
    ],
    ..OLD
};
pub const GARDEN_CITY: Quarter = Quarter {
    neighbourhood: "Tuindorp",
    kinds: &["pprpppp", "pGGrrpr", "rGGxerp", "rrrrrrr", "rrprrpr", "dddrrrr"],
    names: &[
        "Anjerstraat",
        "Rozenlaan",
        "Lelielaan",
        "Dahliastraat",
        "Violenstraat",
        "Asterstraat",
        "Zonnebloemlaan",
        "Irisstraat",
        "Fresiastraat",
        "Tulpenlaan",
        "Hyacintlaan",
    ],
    ..NEW
};
pub const TREES_SOUTH: Quarter = Quarter {
    neighbourhood: "Bomenbuurt",
    kinds: &["rrrrxrn", "rrGGGrn", "pprrrpn", "prprrpn"],
    names: &[
        "Lindelaan",
        "Beukenlaan",
        "Esdoornlaan",
        "Iepenstraat",
        "Acacialaan",
        "Berkenstraat",
        "Meidoornlaan",
        "Hulststraat",
        "Taxuslaan",
    ],
    ..NEW
};
pub const TREES_NORTH: Quarter = Quarter {
    neighbourhood: "Bomenbuurt",
    kinds: &["qqqqqqn", "qqqqqqn", "qqeqGGn", "rrrrGGn"],
    names: &[
        "Elzenstraat",
        "Wilgenlaan",
        "Populierstraat",
        "Plataanlaan",
        "Notenlaan",
        "Lijsterbesstraat",
        "Sleedoornlaan",
        "Vlierstraat",
        "Jeneverbeslaan",
    ],
    ..NEW
};
pub const STATION_WEST: Quarter = Quarter {
    neighbourhood: "Stationskwartier",
    kinds: &["nnkS", "nnnn", "nenn", "nnnn"],
    names: &[
        "Emmastraat",
        "Sophiastraat",
        "Julianastraat",
        "Spoorstraat",
        "Parallelstraat",
        "Prins Hendrikstraat",
    ],
    ..NEW
};
pub const STATION_EAST: Quarter = Quarter {
    neighbourhood: "Stationskwartier",
    kinds: &["Snnnn", "nnnnn", "nnxnn", "nnnnn"],
    names: &[
        "Nassaustraat",
        "Oranjestraat",
        "Koningstraat",
        "Prinsenstraat",
        "Postkantoorstraat",
        "Hertogstraat",
        "Kroonstraat",
    ],
    ..NEW
};
pub const COMPOSERS_SOUTH: Quarter = Quarter {
    neighbourhood: "Componistenwijk",
    kinds: &["nssqqst", "nsxqqst", "nqqqqqq", "nnqqqqq"],
    names: &[
        "Bachlaan",
        "Mozartlaan",
        "Haydnstraat",
        "Schubertlaan",
        "Brahmsstraat",
        "Sweelincklaan",
        "Diepenbrocklaan",
        "Wagenaarstraat",
        "Verhulststraat",
    ],
    ..NEW
};
pub const COMPOSERS_NORTH: Quarter = Quarter {
    neighbourhood: "Componistenwijk",
    kinds: &["nssstt", "nssGGt", "nseGGs", "nsssss"],
    names: &[
        "Röntgenstraat",
        "Andriessenlaan",
        "Beethovenlaan",
        "Vivaldistraat",
        "Lisztlaan",
        "Mahlerlaan",
        "Schumannstraat",
        "Griegstraat",
    ],
    ..NEW
};
pub const EAST_BANK: Quarter = Quarter {
    neighbourhood: "Oosteroever",
    kinds: &["pppqqqd", "pkpqqdd", "prrxedd", "rrrrrdd", "rrrrGGG"],
    names: &[
        "Tasmanstraat",
        "Heemskerkstraat",
        "Barentszstraat",
        "Piet Heinstraat",
        "Tromplaan",
        "De Ruyterlaan",
        "Oeverlaan",
        "Evertsenstraat",
        "Kortenaerstraat",
        "Van Speijkstraat",
    ],
    ..NEW
};
pub const HOSPITAL: Quarter = Quarter {
    neighbourhood: "Meerzicht",
    kinds: &["FFGGGGG", "FFGGBBk", "wwwwBBe", "wwwwwxw", "wwwwwww"],
    names: &[
        "Zorglaan",
        "Florencelaan",
        "Henri Dunantweg",
        "Pasteurlaan",
        "Kochlaan",
        "Semmelweislaan",
        "Meentweg",
        "Aletta Jacobslaan",
        "Einthovenlaan",
        "Zonnehoflaan",
    ],
    ..NEW
};
pub const NORTH: Quarter = Quarter {
    neighbourhood: "Noord",
    kinds: &["qqqqqq", "qqssqq", "qsGGGx", "qqGGGe", "nnnnnn"],
    names: &[
        "Drentestraat",
        "Gelrestraat",
        "Twentelaan",
        "Veluwelaan",
        "Betuwestraat",
        "Zeelandstraat",
        "Hollandlaan",
        "Friesestraat",
        "Brabantlaan",
    ],
    ..NEW
};
pub const PAINTERS: Quarter = Quarter {
    neighbourhood: "Schilderswijk",
    kinds: &["qqqqoo", "qxeqoo", "nqqqoo", "nnqqoo", "nnnnko"],
    names: &[
        "Vermeerstraat",
        "Frans Halsstraat",
        "Jan Steenstraat",
        "Judith Leysterstraat",
        "Rachel Ruyschlaan",
        "Hobbemastraat",
        "Nachtwachtlaan",
        "Ruysdaelstraat",
        "Avercampstraat",
    ],
    collector: Some((2, Profile::BUSINESS)),
    ..NEW
};
pub const BUSINESS_PARK: Quarter = Quarter {
    neighbourhood: "Schutterspark",
    kinds: &["iiiGG", "iioiG", "ooook", "ooooi", "okiii"],
    names: &[
        "Vaandrigstraat",
        "Tamboerstraat",
        "Piekeniersweg",
        "Schuttersweg",
        "Kruitmolenweg",
        "Nachtwachtlaan",
        "Doelenweg",
        "Banningweg",
    ],
    profile: Profile::BUSINESS,
    collector: Some((2, Profile::BUSINESS)),
    ..NEW
};
pub const VILLAS: Quarter = Quarter {
    neighbourhood: "Villapark",
    kinds: &["vvvvv", "vGGvv", "vGGvv", "vvvvd", "vvedd"],
    names: &[
        "Vossenlaan",
        "Hertenlaan",
        "Dassenlaan",
        "Reeënlaan",
        "Heuvellaan",
        "Boslaan",
        "Duinlaan",
        "Rustenburglaan",
    ],
    irregularity: 0.24,
    ..NEW
};
pub const BIRDS: Quarter = Quarter {
    neighbourhood: "Vogelwijk",
    kinds: &["wwwww", "wwwew", "wGGGx", "wGGGw", "wwwww", "uuwwu"],
    names: &[
        "Merellaan",
        "Lijsterlaan",
        "Reigerlaan",
        "Nachtegaallaan",
        "Roodborstlaan",
        "Ooievaarlaan",
        "Zwaluwlaan",
        "Leeuweriklaan",
        "Fuutlaan",
    ],
    irregularity: 0.16,
    ..NEW
};
pub const SOUTH_PARK: Quarter = Quarter {
    neighbourhood: "Parkwijk",
    kinds: &["dGGGd", "uGGGG", "uGGGG", "uuxeu", "uuuuu", "wwwww"],
    names: &[
        "Parklaan",
        "Prieellaan",
        "Rosariumlaan",
        "Belvedèrelaan",
        "Vijversingel",
        "Waterleliestraat",
        "Kikkerbeetlaan",
        "Lisdoddestraat",
        "Rietlaan",
    ],
    ..NEW
};
pub const RIVERS: Quarter = Quarter {
    neighbourhood: "Rivierenbuurt",
    kinds: &["qqqqqd", "qqssqd", "qxesGG", "qqqqGG", "uuuuFF"],
    names: &[
        "Maaslaan",
        "Waalstraat",
        "Lekstraat",
        "IJssellaan",
        "Lingelaan",
        "Vechtstraat",
        "Dommelstraat",
        "Merwedestraat",
        "Amstelstraat",
    ],
    ..NEW
};
